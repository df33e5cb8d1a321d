using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using CrossLayer.Actors.Requests;
using CrossLayer.Host.Serving;

namespace CrossLayer.Host.Loading;

/// <summary>
/// An HTTP/1.1 client that keeps its connections alive and tells of each request what it knows: its latency, its result, the
/// connection's ends and cookie (also where connecting failed), its place and its bytes on the connection. It follows no
/// redirects, keeps no cookies and uses no proxy. May be used from several threads at once.
/// </summary>
internal sealed class LoadClient : IDisposable
{
    private static readonly HttpRequestOptionsKey<RequestInFlight> InFlightKey = new("crosslayer.in-flight");

    private readonly HttpMessageInvoker _invoker;
    private readonly TimeSpan _timeout;
    private readonly string? _service;
    private readonly Func<IPEndPoint, ClientConnection> _open;

    /// <inheritdoc cref="LoadClient"/>
    /// <param name="timeout">How long a request may take, connecting included.</param>
    /// <param name="connections">The most connections to one server.</param>
    /// <param name="service">The service that the records name; null for none.</param>
    /// <param name="open">Makes the socket of a connection; null for <see cref="ClientConnection.To"/>.</param>
    /// <param name="keepAlive">False: every request has a connection of its own, and the client ends it.</param>
    public LoadClient(
        TimeSpan timeout, int connections = 1, string? service = null, Func<IPEndPoint, ClientConnection>? open = null, bool keepAlive = true)
    {
        (_timeout, _service, _open) = (timeout, service, open ?? ClientConnection.To);
        _invoker = new HttpMessageInvoker(new SocketsHttpHandler
        {
            ActivityHeadersPropagator = null,
            AllowAutoRedirect = false,
            ConnectCallback = ConnectAsync,
            MaxConnectionsPerServer = connections,
            PooledConnectionLifetime = keepAlive ? Timeout.InfiniteTimeSpan : TimeSpan.Zero,
            UseCookies = false,
            UseProxy = false,
        });
    }

    /// <summary>Sends a request and reads its response to the end.</summary>
    /// <param name="id">The record's id; the request carries it as X-Request-Id.</param>
    /// <param name="method">GET, POST, …</param>
    /// <param name="url">What is requested; http only.</param>
    /// <param name="body">The request's body; null for none.</param>
    /// <param name="cancellation">Gives the request up; its record then says <c>error</c>, <c>Cancelled</c>.</param>
    /// <returns>What became of it; failures are results, not exceptions.</returns>
    public async Task<RequestRecord> SendAsync(
        RequestId id, HttpMethod method, Uri url, HttpContent? body = null, CancellationToken cancellation = default) =>
        (await SendAsync(id, method, url, body, Stream.Null, cancellation)).Record;

    /// <inheritdoc cref="SendAsync(RequestId, HttpMethod, Uri, HttpContent?, CancellationToken)"/>
    /// <param name="sink">Takes the body of the response, piece by piece as it comes.</param>
    /// <param name="patient">For how long the client is ready to wait, which the request and its record say; null for no longer than usual.</param>
    /// <param name="idle">After how many seconds of rest the connection is to be closed, which the request says; null for the server's own time.</param>
    /// <returns>What became of it, and where it was.</returns>
    public async Task<(RequestRecord Record, RequestTrace Trace)> SendAsync(
        RequestId id, HttpMethod method, Uri url, HttpContent? body, Stream sink, CancellationToken cancellation, TimeSpan? patient = null, int? idle = null)
    {
        ArgumentNullException.ThrowIfNull(method);
        ArgumentNullException.ThrowIfNull(url);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        using var request = new HttpRequestMessage(method, url)
        {
            Content = body,
            Version = HttpVersion.Version11,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        request.Headers.TryAddWithoutValidation(ServedRequestId.Header, id.Text);
        if (patient is { } wait)
            request.Headers.TryAddWithoutValidation(WaitPreference.Header, WaitPreference.Of(wait));
        if (idle is { } seconds)
            request.Headers.TryAddWithoutValidation("Keep-Alive", IdleTimeout.Of(seconds));
        var inFlight = new RequestInFlight(patience.Token);
        request.Options.Set(InFlightKey, inFlight);
        RequestInFlight.Current = inFlight;

        var (status, outcome) = (0, new Outcome(RequestResult.Success, null));
        patience.CancelAfter(_timeout);
        var startUnixNs = UnixTime.NowNs();
        var started = Stopwatch.GetTimestamp();
        try
        {
            using var response = await _invoker.SendAsync(request, patience.Token);
            status = (int)response.StatusCode;
            await response.Content.CopyToAsync(sink, patience.Token);
            if (status >= (int)HttpStatusCode.BadRequest)
                outcome = new Outcome(RequestResult.HttpError, null);
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested)
        {
            outcome = cancellation.IsCancellationRequested ? Outcome.Cancelled : Outcome.TimedOut;
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or SocketException)
        {
            // A connect that was given up reports itself in its own words.
            outcome = patience.IsCancellationRequested ? Outcome.TimedOut : Outcome.Of(exception);
        }

        var latency = Stopwatch.GetElapsedTime(started);
        var trace = inFlight.Trace();
        var record = new RequestRecord
        {
            RequestId = id,
            LatencyMs = latency.TotalMilliseconds,
            StatusCode = status,
            Result = outcome.Result,
            Role = RequestRole.Client,
            StartUnixNs = startUnixNs,
            Local = trace.Connection?.Local,
            Peer = trace.Connection?.Peer,
            Method = method.Method,
            Route = url.AbsolutePath,
            RequestBytes = trace.RequestBytes,
            ResponseBytes = trace.ResponseBytes,
            SocketCookie = trace.Connection?.Cookie,
            ConnectionRequest = trace.Ordinal,
            ErrorType = outcome.ErrorType,
            Service = _service,
            ExpectedSlow = patient is not null,
        };
        return (record, trace);
    }

    /// <inheritdoc/>
    public void Dispose() => _invoker.Dispose();

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellation)
    {
        context.InitialRequestMessage.Options.TryGetValue(InFlightKey, out var inFlight);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, inFlight?.GivenUp ?? default);
        var addresses = await Dns.GetHostAddressesAsync(context.DnsEndPoint.Host, either.Token);
        SocketException? last = null;
        foreach (var address in addresses)
        {
            var peer = new IPEndPoint(address, context.DnsEndPoint.Port);
            var connection = _open(peer);
            inFlight?.Attempt(connection);
            try
            {
                await connection.ConnectAsync(peer, either.Token);
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

    private readonly record struct Outcome(RequestResult Result, string? ErrorType)
    {
        public static Outcome Cancelled { get; } = new(RequestResult.Error, "Cancelled");

        public static Outcome TimedOut { get; } = new(RequestResult.Timeout, "Timeout");

        public static Outcome Of(Exception exception)
        {
            for (var inner = exception; inner is not null; inner = inner.InnerException)
            {
                if (inner is SocketException socket)
                    return new Outcome(ResultOf(socket.SocketErrorCode), socket.SocketErrorCode.ToString());
            }

            return new Outcome(RequestResult.Error, exception switch
            {
                HttpRequestException { HttpRequestError: not HttpRequestError.Unknown } http => http.HttpRequestError.ToString(),
                HttpIOException http => http.HttpRequestError.ToString(),
                _ => exception.GetType().Name,
            });
        }

        private static RequestResult ResultOf(SocketError error) => error switch
        {
            SocketError.ConnectionRefused => RequestResult.Refused,
            // Shutdown is EPIPE: written to a connection whose reset was already taken note of.
            SocketError.ConnectionReset or SocketError.ConnectionAborted or SocketError.Shutdown => RequestResult.Reset,
            SocketError.TimedOut => RequestResult.Timeout,
            _ => RequestResult.Error,
        };
    }
}
