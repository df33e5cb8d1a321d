using CrossLayer.Host.Lab.Traffic;

namespace CrossLayer.Host.Lab.Negatives;

/// <summary>Connections one after the other from the same port: the server closes first, so that the port is free at once.</summary>
internal sealed class PortReuse : OddTraffic
{
    private const int Connections = 4;
    private static readonly TimeSpan UntilFree = TimeSpan.FromMilliseconds(10);

    /// <inheritdoc/>
    public override string Name => "port_reuse";

    /// <inheritdoc/>
    protected override string What => "four connections from one port, with a request each";

    /// <inheritdoc/>
    protected override async Task<int> RoundAsync(LabClient client, CancellationToken stop)
    {
        int? port = null;
        for (var i = 0; i < Connections; i++)
        {
            using var patience = new CancellationTokenSource(LabClient.RequestTimeout);
            using var connection = await PlainConnection.OpenAsync(client, port);
            port = connection.Connection.Local!.Value.Port;
            var request = connection.Begin("GET", "/signed/700", headers: "Connection: close\r\n");
            await connection.WriteAsync(request.Head, patience.Token);
            await connection.ReadAsync(request, patience.Token);
            await connection.ReadEndAsync(patience.Token);
            connection.Dispose();
            // Until the server has acknowledged the client's FIN too.
            await Task.Delay(UntilFree, CancellationToken.None);
        }

        return Connections - 1;
    }
}
