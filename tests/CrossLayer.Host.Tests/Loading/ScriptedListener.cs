using System.Net;
using System.Net.Sockets;
using System.Text;

namespace CrossLayer.Host.Tests.Loading;

/// <summary>A listener at a free port of 127.0.0.1 that does with each connection what its script says.</summary>
internal sealed class ScriptedListener : IAsyncDisposable
{
    public const string Ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _serving;

    /// <summary>The script is given each connection's socket and its number, from 1.</summary>
    public ScriptedListener(Func<Socket, int, Task> script)
    {
        _listener.Start();
        _serving = ServeAsync(script);
    }

    public Uri Url => new($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/");

    public static async Task AnswerAsync(Socket socket, string response)
    {
        await ReadRequestAsync(socket);
        await socket.SendAsync(Encoding.ASCII.GetBytes(response));
    }

    /// <summary>Reads to the end of a request's headers; false at the end of the stream.</summary>
    public static async Task<bool> ReadRequestAsync(Socket socket)
    {
        var buffer = new byte[4096];
        var request = "";
        while (!request.EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            var count = await socket.ReceiveAsync(buffer);
            if (count == 0)
                return false;
            request += Encoding.ASCII.GetString(buffer, 0, count);
        }

        return true;
    }

    public static void Reset(Socket socket)
    {
        socket.LingerState = new LingerOption(true, 0);
        socket.Close();
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _serving;
        _listener.Dispose();
        _stop.Dispose();
    }

    private async Task ServeAsync(Func<Socket, int, Task> script)
    {
        try
        {
            for (var number = 1; ; number++)
            {
                using var socket = await _listener.AcceptSocketAsync(_stop.Token);
                await script(socket, number).WaitAsync(_stop.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // Disposed.
        }
    }
}
