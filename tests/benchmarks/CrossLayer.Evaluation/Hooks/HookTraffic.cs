using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace CrossLayer.Evaluation.Hooks;

/// <summary>Requests and responses on loopback, one after the other, by one thread: nothing waits for anything but the kernel.</summary>
internal static class HookTraffic
{
    internal const int RequestsPerConnection = 100;

    /// <returns>Seconds.</returns>
    internal static double Run(int requests)
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(64);
        var buffer = new byte[1009];
        var watch = Stopwatch.StartNew();
        for (var done = 0; done < requests; done += RequestsPerConnection)
        {
            using var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            client.Connect(listener.LocalEndPoint!);
            using var server = listener.Accept();
            server.NoDelay = true;
            for (var i = 0; i < RequestsPerConnection; i++)
            {
                Move(client, server, buffer.AsSpan(0, 101));
                Move(server, client, buffer);
            }
        }

        return watch.Elapsed.TotalSeconds;
    }

    private static void Move(Socket from, Socket to, Span<byte> bytes)
    {
        from.Send(bytes);
        for (var read = 0; read < bytes.Length;)
            read += to.Receive(bytes[read..]);
    }
}
