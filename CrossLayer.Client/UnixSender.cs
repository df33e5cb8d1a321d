using System.Buffers;
using System.Net.Sockets;
using System.Text.Json;

namespace CrossLayer.Client;

/// <summary>Sends reports as JSON lines to a Unix socket. What is written counts as taken: the daemon answers errors alone.</summary>
internal sealed class UnixSender(CrossLayerOptions options) : IReportSender
{
    private readonly byte[] _answers = new byte[4096];
    private Socket? _socket;

    /// <inheritdoc/>
    public async Task<(int Taken, bool MayRetry)> SendAsync(IReadOnlyList<RequestReport> reports, CancellationToken cancellation)
    {
        var body = new ArrayBufferWriter<byte>();
        foreach (var report in reports)
        {
            using (var writer = new Utf8JsonWriter(body))
                report.Write(writer, options.Service);
            body.Write("\n"u8);
        }

        try
        {
            if (_socket is null)
            {
                _socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await _socket.ConnectAsync(new UnixDomainSocketEndPoint(options.Endpoint.LocalPath), cancellation);
            }

            while (_socket.Available > 0)
                await _socket.ReceiveAsync(_answers, cancellation); // unread, they would hold the daemon up
            for (var rest = body.WrittenMemory; rest.Length > 0;)
                rest = rest[await _socket.SendAsync(rest, cancellation)..];
            return (reports.Count, false);
        }
        catch (Exception exception) when (exception is SocketException or OperationCanceledException or ArgumentException)
        {
            _socket?.Dispose();
            _socket = null;
            return (0, true);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _socket?.Dispose();
}
