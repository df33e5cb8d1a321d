using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using CrossLayer.Actors.Requests;
using CrossLayer.Integration.Tests.Shapes;
using CrossLayer.Probe;

namespace CrossLayer.Integration.Tests.Http2;

/// <summary>A client with one connection, on which its requests are under way at once; it reports each when it has its response.</summary>
internal sealed class Http2Client : IDisposable
{
    internal const string IdHeader = "x-request-id";

    private readonly Uri _url;
    private readonly bool _isTls;
    private readonly Action<RequestRecord> _report;
    private readonly HttpMessageInvoker _invoker;
    private readonly List<Socket> _sockets = [];
    private int _requests;

    /// <param name="url">The server's.</param>
    /// <param name="certificate">The server's, which is the one that is trusted; null for none.</param>
    /// <param name="report">Takes each request's record, from several threads.</param>
    internal Http2Client(Uri url, X509Certificate2? certificate, Action<RequestRecord> report)
    {
        (_url, _isTls, _report) = (url, certificate is not null, report);
        var handler = new SocketsHttpHandler { ActivityHeadersPropagator = null, UseProxy = false, ConnectCallback = ConnectAsync };
        handler.SslOptions.RemoteCertificateValidationCallback = (_, presented, _, _) => presented?.GetCertHashString() == certificate?.Thumbprint;
        _invoker = new HttpMessageInvoker(handler);
    }

    /// <summary>Connections so far.</summary>
    internal int Connections => _sockets.Count;

    /// <summary>A request, to the end of its response.</summary>
    internal async Task SendAsync(int responseBytes, int ms = 0, int requestBytes = 0)
    {
        var id = new RequestId($"request-{Interlocked.Increment(ref _requests)}");
        using var request = new HttpRequestMessage(requestBytes > 0 ? HttpMethod.Post : HttpMethod.Get, new Uri(_url, $"/{responseBytes}?ms={ms}"))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = requestBytes > 0 ? new ByteArrayContent(new byte[requestBytes]) : null,
        };
        request.Headers.Add(IdHeader, id.Text);
        var view = new RequestView();
        view.Begin();
        using var response = await _invoker.SendAsync(request, CancellationToken.None);
        var body = await response.Content.ReadAsByteArrayAsync();
        view.End();
        Assert.Equal((HttpVersion.Version20, responseBytes), (response.Version, body.Length));
        var socket = Assert.Single(_sockets);
        _report(new RequestRecord
        {
            RequestId = id,
            StatusCode = (int)response.StatusCode,
            Result = RequestResult.Success,
            Method = request.Method.Method,
            Route = request.RequestUri!.AbsolutePath,
            Protocol = $"HTTP/{response.Version}",
            Tls = _isTls,
            Local = Endpoint.From((IPEndPoint)socket.LocalEndPoint!),
            Peer = Endpoint.From((IPEndPoint)socket.RemoteEndPoint!),
            StartUnixNs = view.StartUnixNs,
            LatencyMs = view.LatencyMs,
            SocketCookie = ScriptedConnection.CookieOf(socket),
        });
    }

    public void Dispose() => _invoker.Dispose();

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellation)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(context.DnsEndPoint.Host, context.DnsEndPoint.Port, cancellation);
        _sockets.Add(socket);
        return new NetworkStream(socket, ownsSocket: true);
    }
}
