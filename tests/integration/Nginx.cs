using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using CliWrap;
using CrossLayer.Integration.Tests.Shapes;
using CrossLayer.Tests;

namespace CrossLayer.Integration.Tests;

/// <summary>A real nginx with the shipped log format, in a folder of its own and on a free port of the loopback interface.</summary>
internal sealed class Nginx : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(90);

    private readonly RunningProgram _program;

    private Nginx(RunningProgram program, string scheme, int port, string accessLog) =>
        (_program, Scheme, Port, AccessLog) = (program, scheme, port, accessLog);

    public int Port { get; }

    public string Scheme { get; }

    public string Url => $"{Scheme}://127.0.0.1:{Port}";

    public string AccessLog { get; }

    /// <summary>Starts it and waits until it accepts connections.</summary>
    /// <param name="folder">Where its configuration, its files and its logs go.</param>
    /// <param name="locations">What stands in its server block.</param>
    /// <param name="tls">True for TLS with a certificate that nobody vouches for, and HTTP/2 beside HTTP/1.1.</param>
    /// <param name="limit">It is ended after this time.</param>
    public static async Task<Nginx> StartAsync(string folder, string locations, bool tls = false, TimeSpan? limit = null)
    {
        if (tls)
            SelfSigned.WritePem(Path.Combine(folder, "certificate.pem"), Path.Combine(folder, "key.pem"));
        foreach (var name in new[] { "html", "logs", "temp" })
            Directory.CreateDirectory(Path.Combine(folder, name));
        var port = FreePort();
        var configuration = Path.Combine(folder, "nginx.conf");
        await File.WriteAllTextAsync(configuration, $$"""
            user root;
            daemon off;
            worker_processes 1;
            pid logs/nginx.pid;
            error_log /dev/stdout notice;
            events { worker_connections 256; }
            http {
                include {{Path.Combine(Repository, "config", "nginx", "crosslayer.conf")}};
                access_log logs/crosslayer.log crosslayer;
                client_body_temp_path temp/body;
                proxy_temp_path temp/proxy;
                fastcgi_temp_path temp/fastcgi;
                uwsgi_temp_path temp/uwsgi;
                scgi_temp_path temp/scgi;
                sendfile on;
                keepalive_timeout 60s;
                keepalive_requests 1000000;
                server {
                    listen 127.0.0.1:{{port}}{{(tls ? " ssl http2" : "")}};
                    {{(tls ? "ssl_certificate certificate.pem; ssl_certificate_key key.pem;" : "")}}
                    root html;
                    {{locations}}
                }
            }
            """);
        var program = await RunningProgram.StartAsync(
            Cli.Wrap(RequiresKernelFactAttribute.PathOf("nginx")!).WithArguments(["-p", folder, "-e", "/dev/stdout", "-c", configuration])
                .WithValidation(CommandResultValidation.None),
            new Regex("start worker process [0-9]"), limit ?? Limit);
        return new Nginx(program, tls ? "https" : "http", port, Path.Combine(folder, "logs", "crosslayer.log"));
    }

    /// <summary>Stops it; the access log is whole then.</summary>
    public Task<int> StopAsync() => _program.InterruptAsync();

    public ValueTask DisposeAsync() => _program.DisposeAsync();

    public static string Repository
    {
        get
        {
            var folder = new DirectoryInfo(AppContext.BaseDirectory);
            while (!File.Exists(Path.Combine(folder!.FullName, "CrossLayer.slnx")))
                folder = folder.Parent;
            return folder.FullName;
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
