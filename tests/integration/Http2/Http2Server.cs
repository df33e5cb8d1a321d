using System.Net;
using System.Security.Cryptography.X509Certificates;
using CrossLayer.Actors.Requests;
using CrossLayer.Integration.Tests.Shapes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;
using Endpoint = CrossLayer.Probe.Endpoint;

namespace CrossLayer.Integration.Tests.Http2;

/// <summary>
/// Kestrel with HTTP/2 on loopback, in the clear by prior knowledge or inside TLS by ALPN, whose application reports each request
/// when its response is complete. <c>/{n}?ms={m}</c> answers n bytes in pieces, after m milliseconds.
/// </summary>
internal sealed class Http2Server : IAsyncDisposable
{
    private const int PieceBytes = 4096;

    private readonly WebApplication _application;

    private Http2Server(WebApplication application) => _application = application;

    internal Uri Url => new(_application.Urls.Single());

    /// <param name="certificate">The server's; null for none.</param>
    /// <param name="report">Takes each request's record, from several threads.</param>
    internal static async Task<Http2Server> StartAsync(X509Certificate2? certificate, Action<RequestRecord> report)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen =>
        {
            listen.Protocols = certificate is null ? HttpProtocols.Http2 : HttpProtocols.Http1AndHttp2;
            if (certificate is not null)
                listen.UseHttps(certificate);
        }));
        var application = builder.Build();
        application.Run(context => ServeAsync(context, certificate is not null, report));
        await application.StartAsync();
        return new Http2Server(application);
    }

    public async ValueTask DisposeAsync() => await _application.DisposeAsync();

    private static async Task ServeAsync(HttpContext context, bool isTls, Action<RequestRecord> report)
    {
        var view = new RequestView();
        view.Begin();
        var (request, connection) = (context.Request, context.Connection);
        var socket = context.Features.GetRequiredFeature<IConnectionSocketFeature>().Socket;
        context.Response.OnCompleted(() =>
        {
            view.End();
            report(new RequestRecord
            {
                RequestId = new RequestId(request.Headers[Http2Client.IdHeader].ToString()),
                Role = RequestRole.Server,
                StatusCode = context.Response.StatusCode,
                Result = RequestResult.Success,
                Method = request.Method,
                Route = request.Path,
                Protocol = request.Protocol,
                Tls = isTls,
                Local = Endpoint.From(new IPEndPoint(connection.LocalIpAddress!, connection.LocalPort)),
                Peer = Endpoint.From(new IPEndPoint(connection.RemoteIpAddress!, connection.RemotePort)),
                StartUnixNs = view.StartUnixNs,
                LatencyMs = view.LatencyMs,
                SocketCookie = ScriptedConnection.CookieOf(socket),
            });
            return Task.CompletedTask;
        });

        await request.Body.CopyToAsync(Stream.Null);
        if (int.TryParse(request.Query["ms"], out var ms) && ms > 0)
            await Task.Delay(ms);
        for (var left = int.Parse(request.Path.Value![1..]); left > 0; left -= PieceBytes)
            await context.Response.Body.WriteAsync(new byte[Math.Min(left, PieceBytes)]);
    }
}
