using CrossLayer.Actors.Requests;
using CrossLayer.Host.Experiments;
using CrossLayer.Host.Lab.Traffic;

namespace CrossLayer.Host.Lab.Negatives;

/// <summary>A client loses interest before the response is there, and closes.</summary>
internal sealed class ClientAbort : OddTraffic
{
    private static readonly TimeSpan Interest = TimeSpan.FromMilliseconds(80);

    /// <inheritdoc/>
    public override string Name => "client_abort";

    /// <inheritdoc/>
    protected override string What => "a request that takes 400 ms, given up after 80 ms";

    /// <inheritdoc/>
    protected override async Task<int> RoundAsync(LabClient client, CancellationToken stop)
    {
        using var loader = client.NewLoader(ClientBehaviour.Ordinary, keepAlive: true);
        await client.AskAsync(loader, ClientBehaviour.Ordinary, LabClient.NewId(), 200, 0);
        using var leaves = new CancellationTokenSource(Interest);
        var (record, _) = await client.TellAsync(
            loader.SendAsync(LabClient.NewId(), HttpMethod.Get, client.At("/slow?ms=400"), null, Stream.Null, leaves.Token),
            record => IsLeft(record) ? Outcome.AsMeant : Outcome.None);
        return IsLeft(record) ? 1 : 0;
    }

    private static bool IsLeft(RequestRecord record) => record is { Result: RequestResult.Error, ErrorType: "Cancelled" };
}
