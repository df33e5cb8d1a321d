using CrossLayer.Host.Experiments;
using CrossLayer.Host.Lab.Traffic;

namespace CrossLayer.Host.Lab.Negatives;

/// <summary>A client asks for news and is answered when there are any: its request waits by its own wish, and both ends report it so.</summary>
internal sealed class LongPoll : OddTraffic
{
    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(30);

    /// <inheritdoc/>
    public override string Name => "long_poll";

    /// <inheritdoc/>
    public override TimeSpan Hold => TimeSpan.FromSeconds(3);

    /// <inheritdoc/>
    protected override string What => "polls of 1 s and more, one after the other on a connection";

    /// <inheritdoc/>
    protected override async Task<int> RoundAsync(LabClient client, CancellationToken stop)
    {
        using var loader = client.NewLoader(ClientBehaviour.Ordinary, keepAlive: true, Wait);
        var answered = 0;
        foreach (var ms in new[] { 1000, 1250 })
            answered += await PollAsync(ms);
        return answered;

        async Task<int> PollAsync(int ms)
        {
            var (record, _) = await client.TellAsync(
                loader.SendAsync(LabClient.NewId(), HttpMethod.Get, client.At($"/slow?ms={ms}"), null, Stream.Null, CancellationToken.None, Wait),
                record => record.StatusCode == 200 ? Outcome.AsMeant : Outcome.None);
            return record.StatusCode == 200 ? 1 : 0;
        }
    }
}
