using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace CrossLayer.Host.Tests.Serving;

/// <summary>HTTP/1.1 by hand over a socket: what is sent is given byte for byte, and what comes back is counted.</summary>
internal sealed class RawClient : IDisposable
{
    private readonly Socket _socket;
    private readonly byte[] _buffer = new byte[1 << 16];
    private int _start;
    private int _end;

    private RawClient(Socket socket) => _socket = socket;

    public Socket Socket => _socket;

    public IPEndPoint Local => (IPEndPoint)_socket.LocalEndPoint!;

    public static async Task<RawClient> ConnectAsync(IPAddress address, int port)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(address, port);
        return new RawClient(socket);
    }

    /// <summary>Sends a request; its length in bytes.</summary>
    public async Task<long> SendAsync(string request)
    {
        var bytes = Encoding.ASCII.GetBytes(request);
        await _socket.SendAsync(bytes);
        return bytes.Length;
    }

    /// <summary>Reads one response; its status, its body's length and its length on the connection.</summary>
    public async Task<(int Status, long BodyBytes, long AllBytes)> ReadAsync()
    {
        var status = await LineAsync();
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        var all = status.Length + 2L;
        while (true)
        {
            var line = await LineAsync();
            all += line.Length + 2;
            if (line.Length == 0)
                break;
            var parts = line.Split(": ", 2);
            headers[parts[0]] = parts[1];
        }

        var code = int.Parse(status.Split(' ')[1], CultureInfo.InvariantCulture);
        if (headers.TryGetValue("Content-Length", out var length))
        {
            var body = long.Parse(length, CultureInfo.InvariantCulture);
            await SkipAsync(body);
            return (code, body, all + body);
        }

        return headers.ContainsKey("Transfer-Encoding") ? await ChunksAsync(code, all) : (code, 0, all);
    }

    /// <summary>Closes with a reset.</summary>
    public void Reset()
    {
        _socket.LingerState = new LingerOption(true, 0);
        _socket.Dispose();
    }

    public void Dispose() => _socket.Dispose();

    private async Task<(int Status, long BodyBytes, long AllBytes)> ChunksAsync(int code, long all)
    {
        for (var body = 0L; ;)
        {
            var line = await LineAsync();
            var size = long.Parse(line, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            await SkipAsync(size + 2);
            all += line.Length + 2 + size + 2;
            body += size;
            if (size == 0)
                return (code, body, all);
        }
    }

    private async Task<string> LineAsync()
    {
        var line = new StringBuilder();
        while (line.Length < 2 || line[^1] != '\n')
            line.Append((char)await ByteAsync());
        return line.ToString(0, line.Length - 2);
    }

    private async Task SkipAsync(long count)
    {
        for (; count > 0; count--)
            await ByteAsync();
    }

    private async ValueTask<byte> ByteAsync()
    {
        if (_start == _end)
        {
            (_start, _end) = (0, await _socket.ReceiveAsync(_buffer));
            if (_end == 0)
                throw new EndOfStreamException();
        }

        return _buffer[_start++];
    }
}
