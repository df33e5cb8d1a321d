using CrossLayer.Host.Experiments;
using CrossLayer.Host.Lab.Traffic;

namespace CrossLayer.Host.Lab.Negatives;

/// <summary>A client has enough of a download, and closes with bytes unread: its host resets the connection (RFC 1122, 4.2.2.13).</summary>
internal sealed class AbortInBody : OddTraffic
{
    private const int Bytes = 20_000_000;
    private const int Enough = 200_000;

    /// <inheritdoc/>
    public override string Name => "abort_in_body";

    /// <inheritdoc/>
    protected override string What => "a download of 20 MB, closed after 200 kB";

    /// <inheritdoc/>
    protected override (LabHost Host, string Name)? Counter => (LabHost.Client, "TcpExt.TCPAbortOnClose");

    /// <inheritdoc/>
    protected override async Task<int> RoundAsync(LabClient client, CancellationToken stop)
    {
        using var loader = client.NewLoader(ClientBehaviour.Ordinary, keepAlive: true);
        using var leaves = new CancellationTokenSource();
        var id = LabClient.NewId();
        await using var sink = new CheckingStream(id.Text, Bytes, TimeSpan.Zero) { OnTaken = taken => LeaveAfter(taken, leaves) };
        var (record, _) = await client.TellAsync(
            loader.SendAsync(id, HttpMethod.Get, client.At($"/signed/{Bytes}"), null, sink, leaves.Token),
            // The part that came is right: more was not asked for any longer.
            record => record.ErrorType == "Cancelled" && sink.Outcome == Outcome.Short ? Outcome.AsMeant : sink.Outcome);
        return record.ErrorType == "Cancelled" ? 1 : 0;
    }

    private static void LeaveAfter(long taken, CancellationTokenSource leaves)
    {
        if (taken >= Enough)
            leaves.Cancel();
    }
}
