using System.Net;
using Akka.Configuration;
using CrossLayer.Host.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace CrossLayer.Host.Ingest;

/// <summary>What the HTTP sources have in common: a server whose senders are bounded in number, size, speed and patience.</summary>
internal sealed class IngestServer : IAsyncDisposable
{
    private static readonly TimeSpan GraceOfRate = TimeSpan.FromSeconds(5);

    private const int MaxStreams = 8;

    private readonly ListenSettings _listen;
    private readonly IngestLimits _limits;
    private readonly WebApplication _application;
    private readonly SenderLimiter _senders;
    private readonly BodyReader _bodies;
    private int _connections;

    /// <summary>A server that is not started.</summary>
    /// <param name="listen">Where it listens; the address is not null.</param>
    /// <param name="limits">What it takes.</param>
    /// <param name="protocols">HTTP/1.1 or HTTP/2.</param>
    /// <param name="intake">Where records go, and where is counted what is refused.</param>
    /// <param name="services">Adds services.</param>
    /// <exception cref="ConfigurationException">Certificate, key or token cannot be read.</exception>
    public IngestServer(
        ListenSettings listen, IngestLimits limits, HttpProtocols protocols, RecordIntake intake, Action<IServiceCollection>? services = null)
    {
        (_listen, _limits, Intake) = (listen, limits, intake);
        (_senders, _bodies) = (new SenderLimiter(limits), new BodyReader(limits));
        _application = WebServer.Create(
            listen, protocols, Limit, services, () => intake.Reject(Rejection.Unauthorized), listener => listener.Use(BoundConnections));
    }

    /// <summary>Where records go.</summary>
    public RecordIntake Intake { get; }

    /// <summary>What it takes.</summary>
    public IngestLimits Limits => _limits;

    /// <summary>The server, to map requests that <see cref="Map"/> does not fit.</summary>
    public WebApplication Application => _application;

    /// <summary>How much each sender sends.</summary>
    public SenderLimiter Senders => _senders;

    /// <summary>Reads bodies.</summary>
    public BodyReader Bodies => _bodies;

    /// <summary>Where it listens, once it is started.</summary>
    public IPEndPoint? Address { get; private set; }

    /// <summary>Handles one path. What is refused is counted and answered.</summary>
    /// <param name="path">The path; POST is its only method.</param>
    /// <param name="handle">Handles a request; may throw <see cref="RefusedException"/>.</param>
    /// <param name="refuse">Writes the body of the answer to what is refused; status and Retry-After are set.</param>
    public void Map(string path, Func<HttpContext, Task> handle, Func<HttpContext, RefusedException, Task> refuse) =>
        _application.Map(path, (RequestDelegate)(async context =>
        {
            try
            {
                if (!HttpMethods.IsPost(context.Request.Method))
                {
                    context.Response.Headers.Allow = HttpMethods.Post;
                    throw new RefusedException(
                        StatusCodes.Status405MethodNotAllowed, Rejection.Malformed, $"method {Files.OneLine.Of(context.Request.Method)}; expected POST");
                }

                _senders.TakeRequest(context.Connection.RemoteIpAddress);
                await handle(context);
            }
            catch (RefusedException refused)
            {
                Intake.Reject(refused.Reason, refused.Count);
                context.Response.StatusCode = refused.StatusCode;
                if (refused.RetryAfter is { } wait)
                    context.Response.Headers.RetryAfter = RefusedException.Seconds(wait);
                await refuse(context, refused);
            }
            catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
            {
                context.Abort(); // its sender has left; what was taken of it is counted
            }
        }));

    /// <summary>Starts listening.</summary>
    /// <exception cref="ConfigurationException">The address cannot be listened at.</exception>
    public async Task StartAsync(CancellationToken cancellation) =>
        Address = await WebServer.StartAsync(_application, _listen, cancellation);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _application.DisposeAsync();
        _senders.Dispose();
        _bodies.Dispose();
    }

    private void Limit(KestrelServerLimits kestrel)
    {
        var rate = new MinDataRate(_limits.MinBytesPerSecond, GraceOfRate);
        kestrel.MaxRequestBodySize = _limits.MaxBodyBytes;
        kestrel.MinRequestBodyDataRate = rate;
        kestrel.MinResponseDataRate = rate;
        kestrel.RequestHeadersTimeout = _limits.HeadersTimeout;
        kestrel.KeepAliveTimeout = _limits.KeepAliveTimeout;
        kestrel.Http2.MaxStreamsPerConnection = MaxStreams;
    }

    private ConnectionDelegate BoundConnections(ConnectionDelegate next) => async connection =>
    {
        try
        {
            if (Interlocked.Increment(ref _connections) > _limits.MaxConnections)
            {
                Intake.Reject(Rejection.TooManySenders);
                connection.Abort();
                return;
            }

            await next(connection);
        }
        finally
        {
            Interlocked.Decrement(ref _connections);
        }
    };
}
