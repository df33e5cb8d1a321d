using CrossLayer.Actors.Requests;
using CrossLayer.Host.Experiments;
using CrossLayer.Host.Lab.Traffic;

namespace CrossLayer.Host.Lab.Negatives;

/// <summary>
/// A request that is known to take long, from a client whose own deadline passes before: it reports a timeout. The handler was within
/// its right, and the network had no part in it.
/// </summary>
internal sealed class OwnDeadline : OddTraffic
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMilliseconds(600);
    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(2);

    /// <inheritdoc/>
    public override string Name => "own_deadline";

    /// <inheritdoc/>
    protected override string What => "a request that may take 2 s and takes 1.2 s, with a deadline of 600 ms";

    /// <inheritdoc/>
    protected override async Task<int> RoundAsync(LabClient client, CancellationToken stop)
    {
        using var loader = client.NewLoader(ClientBehaviour.Ordinary, keepAlive: true, Deadline);
        var (record, _) = await client.TellAsync(
            loader.SendAsync(LabClient.NewId(), HttpMethod.Get, client.At("/slow?ms=1200"), null, Stream.Null, CancellationToken.None, Wait),
            record => record.Result == RequestResult.Timeout ? Outcome.AsMeant : Outcome.None);
        return record.Result == RequestResult.Timeout ? 1 : 0;
    }
}
