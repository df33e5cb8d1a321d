using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using CrossLayer.Benchmarks.Measuring;

namespace CrossLayer.Benchmarks.Nginx;

/// <summary>nginx with one worker, which serves a file of 612 bytes on the loopback interface.</summary>
internal sealed class NginxServer : IAsyncDisposable
{
    private const int FileBytes = 612;

    private readonly Process _process;

    private NginxServer(Process process, ushort port) => (_process, Port) = (process, port);

    internal ushort Port { get; }

    /// <summary>The processes that serve.</summary>
    internal IReadOnlyList<int> Workers => ProcessTime.Children(_process.Id);

    /// <param name="context">Where its files go.</param>
    /// <param name="accessLog">Written in CrossLayer's format; null for none.</param>
    /// <exception cref="SkippedException">nginx is not here.</exception>
    internal static async Task<NginxServer> StartAsync(BenchmarkContext context, string? accessLog = null)
    {
        var program = Tool.Find("nginx");
        var port = FreePort();
        var folder = Directory.CreateDirectory(context.Path($"nginx-{port}")).FullName;
        await File.WriteAllTextAsync(Path.Combine(folder, "index.html"), new string('x', FileBytes), context.Cancellation);
        var log = accessLog is null ? "access_log off;" : $"include {context.Root}/config/nginx/crosslayer.conf; access_log {accessLog} crosslayer;";
        await File.WriteAllTextAsync(Path.Combine(folder, "nginx.conf"), $$"""
            user root;
            worker_processes 1;
            daemon off;
            pid {{folder}}/nginx.pid;
            error_log {{folder}}/error.log;
            events { worker_connections 4096; }
            http {
                {{log}}
                keepalive_requests 100000000;
                server { listen 127.0.0.1:{{port}}; location / { root {{folder}}; } }
            }
            """, context.Cancellation);
        var process = Process.Start(new ProcessStartInfo(program, ["-p", folder, "-c", Path.Combine(folder, "nginx.conf")]) { RedirectStandardError = true })!;
        var server = new NginxServer(process, port);
        for (var tries = 0; tries < 100; tries++)
        {
            try
            {
                using var client = new TcpClient();
                await client.ConnectAsync(IPAddress.Loopback, port, context.Cancellation);
                return server;
            }
            catch (SocketException)
            {
                await Task.Delay(50, context.Cancellation);
            }
        }

        await server.DisposeAsync();
        throw new InvalidOperationException($"nginx does not listen: {await File.ReadAllTextAsync(Path.Combine(folder, "error.log"), context.Cancellation)}");
    }

    /// <summary>A port that nobody listens on.</summary>
    internal static ushort FreePort()
    {
        using var socket = new TcpListener(IPAddress.Loopback, 0);
        socket.Start();
        return (ushort)((IPEndPoint)socket.LocalEndpoint).Port;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var worker in _process.HasExited ? [] : Workers)
            Tool.Signal(worker, Tool.Term);
        Tool.Signal(_process.Id, Tool.Term);
        await _process.WaitForExitAsync();
        _process.Dispose();
    }
}
