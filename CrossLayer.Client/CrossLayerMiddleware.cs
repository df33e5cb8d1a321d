using System.Diagnostics;
using System.Net;
using CrossLayer.Client.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;

namespace CrossLayer.Client;

/// <summary>Reports each request once its response is complete, as the application sees it.</summary>
internal sealed class CrossLayerMiddleware(RequestDelegate next, CrossLayerReporter reporter)
{
    // Among a connection's items: how many requests came on it.
    private static readonly object Requests = new();

    /// <summary>Serves a request and reports it.</summary>
    public async Task InvokeAsync(HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        var started = Stopwatch.GetTimestamp();
        var startUnixNs = UnixTime.NowNs();
        var isOwn = !HttpProtocol.IsHttp2(context.Request.Protocol) && !HttpProtocol.IsHttp3(context.Request.Protocol);
        var ordinal = isOwn ? OrdinalOf(context) : null;
        var cookie = CookieOf(context); // its socket may be closed when the response is complete
        var traceId = Activity.Current is { IdFormat: ActivityIdFormat.W3C } activity ? activity.TraceId.ToHexString() : null;
        string? errorType = null;

        // Runs when the last byte of the response is written, the end of a chunked body included.
        context.Response.OnCompleted(() =>
        {
            reporter.Report(ReportOf());
            return Task.CompletedTask;
        });
        try
        {
            await next(context);
        }
        catch (Exception exception)
        {
            errorType = exception.GetType().Name;
            throw;
        }

        RequestReport ReportOf()
        {
            var left = context.RequestAborted.IsCancellationRequested;
            var status = left && !context.Response.HasStarted ? 0 : context.Response.StatusCode;
            var counted = context.Features.Get<ServedConnection>()?.EndRequest();
            // What is left of a body may be read after this, and counted as the next request's.
            var bytes = isOwn && context.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody != true ? counted : null;
            return new RequestReport
            {
                RequestId = context.TraceIdentifier,
                LatencyMs = Stopwatch.GetElapsedTime(started).TotalMilliseconds,
                StatusCode = status,
                Result = left ? "reset" : status >= StatusCodes.Status400BadRequest ? "http_error" : "success",
                IsServer = true,
                StartUnixNs = startUnixNs,
                Local = End(context.Connection.LocalIpAddress, context.Connection.LocalPort),
                Peer = End(context.Connection.RemoteIpAddress, context.Connection.RemotePort),
                Method = context.Request.Method,
                Route = (context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText ?? context.Request.Path.Value,
                RequestBytes = bytes?.RequestBytes,
                ResponseBytes = isOwn ? counted?.ResponseBytes : null,
                SocketCookie = cookie,
                ConnectionRequest = ordinal,
                ErrorType = errorType,
                TraceId = traceId,
                Protocol = context.Request.Protocol,
                Tls = context.Request.IsHttps,
            };
        }
    }

    private static ulong? CookieOf(HttpContext context) =>
        context.Features.Get<ServedConnection>() is { } served ? served.Cookie
        : context.Features.Get<IConnectionSocketFeature>() is { } feature ? SocketCookie.Of(feature.Socket)
        : null;

    private static int? OrdinalOf(HttpContext context)
    {
        if (context.Features.Get<IConnectionItemsFeature>() is not { } connection)
            return null;
        // HTTP/1.1 serves a connection's requests one after the other.
        var ordinal = connection.Items.TryGetValue(Requests, out var before) ? (int)before! + 1 : 1;
        connection.Items[Requests] = ordinal;
        return ordinal;
    }

    private static IPEndPoint? End(IPAddress? address, int port) => address is null ? null : new IPEndPoint(address, port);
}
