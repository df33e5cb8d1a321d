using System.Net.Sockets;
using CrossLayer.Host.Lab.Traffic;

namespace CrossLayer.Host.Lab.Negatives;

/// <summary>A client closes its half of the connection as soon as it has asked, and reads its answer to the end.</summary>
internal sealed class HalfClose : OddTraffic
{
    /// <inheritdoc/>
    public override string Name => "half_close";

    /// <inheritdoc/>
    protected override string What => "a request and a FIN, then the response";

    /// <inheritdoc/>
    protected override async Task<int> RoundAsync(LabClient client, CancellationToken stop)
    {
        using var patience = new CancellationTokenSource(LabClient.RequestTimeout);
        using var connection = await PlainConnection.OpenAsync(client);
        var request = connection.Begin("GET", "/signed/2000");
        await connection.WriteAsync(request.Head, patience.Token);
        connection.Connection.Socket.Shutdown(SocketShutdown.Send);
        await connection.ReadAsync(request, patience.Token);
        await connection.ReadEndAsync(patience.Token);
        return 1;
    }
}
