using System.Diagnostics;
using CrossLayer.Actors.Requests;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace CrossLayer.Host.Serving;

/// <summary>
/// Serves requests and reports each as an application sees it: once the handler has written its response all is well, whatever
/// becomes of the bytes. To find out what did is not the application's part.
/// </summary>
internal sealed class ReportingApplication(string? service, Func<RequestRecord, ValueTask> report, Func<HttpContext, Task>? beforeHandler = null)
    : IHttpApplication<HttpContext>
{
    private const string ClientAborted = "ClientAborted";

    /// <inheritdoc/>
    public HttpContext CreateContext(IFeatureCollection contextFeatures) => new DefaultHttpContext(contextFeatures);

    /// <inheritdoc/>
    public void DisposeContext(HttpContext context, Exception? exception)
    {
        // The context holds nothing of its own.
    }

    /// <inheritdoc/>
    public async Task ProcessRequestAsync(HttpContext context)
    {
        var started = Stopwatch.GetTimestamp();
        var startUnixNs = UnixTime.NowNs();
        var connection = context.Features.GetRequiredFeature<ServedConnection>();
        var (route, serve) = Routes.Find(context.Request);
        connection.BeginRequest();
        string? errorType = null;

        // Runs when the last byte of the response is written, the end of a chunked body included.
        context.Response.OnCompleted(() => ReportAsync().AsTask());
        try
        {
            if (beforeHandler is not null)
                await beforeHandler(context);
            await serve(context);
        }
        catch (Exception exception)
            when (exception is ConnectionAbortedException
                || (exception is not HandlerFailedException && (context.RequestAborted.IsCancellationRequested || connection.PeerIsGone)))
        {
            errorType = ClientAborted;
            context.Abort();
            return;
        }
        catch (BadHttpRequestException exception) when (!context.Response.HasStarted)
        {
            errorType = nameof(BadHttpRequestException);
            context.Response.StatusCode = exception.StatusCode;
            return;
        }
        catch (Exception exception)
        {
            errorType = exception.GetType().Name;
            throw;
        }

        await DrainAsync(context);

        ValueTask ReportAsync()
        {
            var place = connection.EndRequest(IdleTimeout.Of(context.Request.Headers.KeepAlive));
            // Streams share the connection (RFC 9113): none has a place on it, nor bytes that were its own.
            var isOwn = !HttpProtocol.IsHttp2(context.Request.Protocol);
            var aborted = errorType == ClientAborted;
            var status = aborted && !context.Response.HasStarted ? 0 : context.Response.StatusCode;
            return report(new RequestRecord
            {
                RequestId = ServedRequestId.Of(context.Request.Headers[ServedRequestId.Header]),
                LatencyMs = Stopwatch.GetElapsedTime(started).TotalMilliseconds,
                StatusCode = status,
                Result = ResultOf(aborted, status),
                Role = RequestRole.Server,
                StartUnixNs = startUnixNs,
                Local = connection.Local,
                Peer = connection.Peer,
                Method = context.Request.Method,
                Route = route,
                RequestBytes = isOwn ? place.RequestBytes : null,
                ResponseBytes = isOwn ? place.ResponseBytes : null,
                SocketCookie = connection.Cookie,
                ConnectionRequest = isOwn ? place.Ordinal : null,
                ErrorType = errorType,
                Service = service,
                Protocol = isOwn ? null : context.Request.Protocol,
                ExpectedSlow = WaitPreference.IsIn(context.Request.Headers[WaitPreference.Header]),
            });
        }
    }

    private static RequestResult ResultOf(bool aborted, int status)
    {
        if (aborted)
            return RequestResult.Reset;
        return status >= StatusCodes.Status400BadRequest ? RequestResult.HttpError : RequestResult.Success;
    }

    // A body that the handler left is read here, so that its bytes are counted as this request's and not as the next one's.
    private static async Task DrainAsync(HttpContext context)
    {
        if (context.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody != true)
            return;
        try
        {
            await context.Request.Body.CopyToAsync(Stream.Null, context.RequestAborted);
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException)
        {
            context.Abort();
        }
    }
}

/// <summary>The handler itself failed, whatever became of the connection.</summary>
internal sealed class HandlerFailedException(string message) : Exception(message);
