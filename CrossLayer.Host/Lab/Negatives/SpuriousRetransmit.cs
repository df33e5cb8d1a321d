using CrossLayer.Host.Lab.Injection;

namespace CrossLayer.Host.Lab.Negatives;

/// <summary>
/// The server's TCP waits for less time than the client's takes to acknowledge (40 ms, where nothing is to be sent along): it sends
/// again what has arrived, and was read.
/// </summary>
internal sealed class SpuriousRetransmit : Negative
{
    /// <summary>How often the client told the server that it has had the segment before (D-SACK, RFC 2883).</summary>
    private const string Duplicates = "TcpExt.TCPDSACKRecv";

    /// <inheritdoc/>
    public override string Name => "spurious_retransmit";

    /// <inheritdoc/>
    public override LabHost Where => LabHost.Server;

    /// <inheritdoc/>
    public override string Describe(Intensity intensity) => $"the server sends again after {Milliseconds(intensity)} ms";

    /// <inheritdoc/>
    public override async Task<ArmedFault> ArmAsync(LabSetup lab, Intensity intensity, CancellationToken cancellation = default)
    {
        var server = lab.Network.Server;
        var before = NetstatCounters.Of(server)[Duplicates];
        await server.IpAsync([.. Route, "rto_min", $"{Milliseconds(intensity)}ms"], cancellation);
        return new ArmedFault(
            _ => Task.FromResult(new FaultEvidence(new FaultReading("netstat", Duplicates, NetstatCounters.Of(server)[Duplicates] - before))),
            stop => server.IpAsync(Route, stop));
    }

    /// <summary>The server's only way out, for connections that it has and those to come.</summary>
    private static string[] Route => ["route", "change", "default", "via", LabNetwork.RouterOfServer];

    private static int Milliseconds(Intensity intensity) => Of(intensity, 20, 10, 5, 15);
}
