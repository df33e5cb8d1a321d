using System.Net.Sockets;
using CrossLayer.Host.Lab.Traffic;

namespace CrossLayer.Host.Lab.Negatives;

/// <summary>Whoever looks whether the server is there connects and closes, every other time with a reset, and asks nothing.</summary>
internal sealed class HealthChecks : OddTraffic
{
    /// <inheritdoc/>
    public override string Name => "health_checks";

    /// <inheritdoc/>
    protected override string What => "connect and close, then connect and reset";

    /// <inheritdoc/>
    protected override (LabHost Host, string Name)? Counter => (LabHost.Client, "TcpExt.TCPAbortOnData");

    /// <inheritdoc/>
    protected override async Task<int> RoundAsync(LabClient client, CancellationToken stop)
    {
        using (await PlainConnection.OpenAsync(client))
        {
            // There it is: more was not to be known.
        }

        using (var connection = await PlainConnection.OpenAsync(client))
            connection.Connection.Socket.LingerState = new LingerOption(true, 0);
        return 2;
    }
}
