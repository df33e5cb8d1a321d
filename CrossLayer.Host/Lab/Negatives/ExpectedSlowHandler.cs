using CrossLayer.Host.Experiments;
using CrossLayer.Host.Lab.Traffic;

namespace CrossLayer.Host.Lab.Negatives;

/// <summary>A report that takes long to make, as whoever asks for it says: both ends report it as expected to be slow.</summary>
internal sealed class ExpectedSlowHandler : OddTraffic
{
    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(5);

    /// <inheritdoc/>
    public override string Name => "expected_slow_handler";

    /// <inheritdoc/>
    protected override string What => "a request that may take 5 s, and takes 700 ms, on a connection of its own";

    /// <inheritdoc/>
    protected override async Task<int> RoundAsync(LabClient client, CancellationToken stop)
    {
        using var loader = client.NewLoader(ClientBehaviour.Ordinary, keepAlive: false, Wait);
        var (record, _) = await client.TellAsync(
            loader.SendAsync(LabClient.NewId(), HttpMethod.Get, client.At("/slow?ms=700"), null, Stream.Null, CancellationToken.None, Wait),
            record => record.StatusCode == 200 ? Outcome.AsMeant : Outcome.None);
        return record is { StatusCode: 200, LatencyMs: >= 700 } ? 1 : 0;
    }
}
