using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using CrossLayer.Client.Connections;

namespace CrossLayer.Client;

/// <summary>
/// A handler for <see cref="HttpClient"/> that reports each request with the connection that it was written to. The latency is that until the
/// response's headers, unless the caller reads it as a whole: a body that is read later is not waited for.
/// </summary>
public sealed class CrossLayerHandler : DelegatingHandler
{
    private static readonly HttpRequestOptionsKey<RequestInFlight> InFlightKey = new("crosslayer.in-flight");

    private readonly CrossLayerReporter _reporter;

    /// <summary>A handler with connections of its own.</summary>
    /// <param name="reporter">Takes the reports.</param>
    /// <param name="inner">Makes the connections; its <see cref="SocketsHttpHandler.ConnectCallback"/> is set here. Null for one with defaults.</param>
    public CrossLayerHandler(CrossLayerReporter reporter, SocketsHttpHandler? inner = null)
    {
        ArgumentNullException.ThrowIfNull(reporter);
        _reporter = reporter;
        inner ??= new SocketsHttpHandler();
        inner.ConnectCallback = ConnectAsync;
        InnerHandler = inner;
    }

    /// <inheritdoc/>
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        var inFlight = new RequestInFlight(cancellationToken);
        request.Options.Set(InFlightKey, inFlight);
        RequestInFlight.Current = inFlight;
        var startUnixNs = UnixTime.NowNs();
        var started = Stopwatch.GetTimestamp();
        try
        {
            var response = await base.SendAsync(request, cancellationToken);
            Report(request, response, null);
            return response;
        }
        catch (Exception exception)
        {
            Report(request, null, exception);
            throw;
        }
        finally
        {
            RequestInFlight.Current = null;
        }

        void Report(HttpRequestMessage sent, HttpResponseMessage? response, Exception? exception)
        {
            var trace = inFlight.Trace();
            var status = (int?)response?.StatusCode ?? 0;
            var isOwn = (response?.Version ?? sent.Version).Major < 2;
            var (result, error) = exception is null ? (status >= 400 ? "http_error" : "success", null) : OutcomeOf(exception);
            var activity = Activity.Current;
            _reporter.Report(new RequestReport
            {
                RequestId = Guid.NewGuid().ToString("N"),
                LatencyMs = Stopwatch.GetElapsedTime(started).TotalMilliseconds,
                StatusCode = status,
                Result = result,
                StartUnixNs = startUnixNs,
                Local = trace.Connection?.LocalEnd,
                Peer = trace.Connection?.PeerEnd,
                Method = sent.Method.Method,
                Route = sent.RequestUri is { IsAbsoluteUri: true } url ? url.AbsolutePath : null,
                SocketCookie = trace.Connection?.Cookie,
                ConnectionRequest = isOwn ? trace.Ordinal : null,
                ErrorType = error,
                TraceId = activity is { IdFormat: ActivityIdFormat.W3C } ? activity.TraceId.ToHexString() : null,
                Protocol = string.Create(CultureInfo.InvariantCulture, $"HTTP/{response?.Version ?? sent.Version}"),
                Tls = sent.RequestUri is { IsAbsoluteUri: true, Scheme: "https" },
            });
        }
    }

    private static async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellation)
    {
        context.InitialRequestMessage.Options.TryGetValue(InFlightKey, out var inFlight);
        var addresses = IPAddress.TryParse(context.DnsEndPoint.Host, out var address)
            ? [address] : await Dns.GetHostAddressesAsync(context.DnsEndPoint.Host, cancellation);
        SocketException? last = null;
        foreach (var candidate in addresses)
        {
            var peer = new IPEndPoint(candidate, context.DnsEndPoint.Port);
            var connection = ClientConnection.Unbound(peer);
            inFlight?.Attempt(connection);
            try
            {
                await connection.ConnectAsync(peer, cancellation);
                return new CountingStream(connection);
            }
            catch (SocketException exception)
            {
                connection.Socket.Dispose();
                last = exception;
            }
            catch
            {
                connection.Socket.Dispose();
                throw;
            }
        }

        throw last ?? new SocketException((int)SocketError.HostNotFound);
    }

    private static (string Result, string? Error) OutcomeOf(Exception exception)
    {
        // HttpClient's own timeout comes as a cancellation, and is by far the most frequent one.
        if (exception is OperationCanceledException)
            return ("timeout", "Cancelled");
        for (var inner = exception; inner is not null; inner = inner.InnerException)
        {
            if (inner is SocketException socket)
            {
                return (socket.SocketErrorCode switch
                {
                    SocketError.ConnectionRefused => "refused",
                    // Shutdown is EPIPE: written to a connection whose reset was already taken note of.
                    SocketError.ConnectionReset or SocketError.ConnectionAborted or SocketError.Shutdown => "reset",
                    SocketError.TimedOut => "timeout",
                    _ => "error",
                }, socket.SocketErrorCode.ToString());
            }
        }

        return ("error", exception is HttpRequestException { HttpRequestError: not HttpRequestError.Unknown } http
            ? http.HttpRequestError.ToString() : exception.GetType().Name);
    }
}
