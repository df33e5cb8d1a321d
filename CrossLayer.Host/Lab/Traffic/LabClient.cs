using System.Globalization;
using System.Net;
using CrossLayer.Actors.Requests;
using CrossLayer.Host.Experiments;
using CrossLayer.Host.Lab.Serving;
using CrossLayer.Host.Loading;

namespace CrossLayer.Host.Lab.Traffic;

/// <summary>
/// The lab's client: users that ask the lab's server, each request with a nonce, and hold what they get against what that nonce
/// gives. Its sockets are in the client's namespace.
/// </summary>
internal sealed class LabClient(LabNetwork network, Uri server, Oracle oracle) : ILabClient
{
    /// <summary>How long a request may take, connecting included.</summary>
    public static readonly TimeSpan RequestTimeout = TimeSpan.FromSeconds(2);

    /// <summary>A body fills the buffers of both ends, and the server has to wait for a reader that pauses, from so many receive buffers on.</summary>
    private const int BuffersToFill = 8;

    private static readonly UserKind Steady = new(true, TimeSpan.FromMilliseconds(90));
    private static readonly UserKind Sparse = new(true, TimeSpan.FromMilliseconds(1200));
    private static readonly UserKind Fresh = new(false, TimeSpan.FromMilliseconds(450));

    /// <summary>Who asks in an episode: some 50 requests a second.</summary>
    public static IReadOnlyList<UserKind> Ordinary { get; } = [Steady, Steady, Steady, Sparse, Sparse, Sparse, .. Enumerable.Repeat(Fresh, 6)];

    private volatile ClientBehaviour _behaviour = ClientBehaviour.Ordinary;

    /// <summary>What the users do.</summary>
    public ClientBehaviour Behaviour => _behaviour;

    /// <summary>The server that is asked.</summary>
    public Uri Server => server;

    /// <summary>The same server, for HTTP/2.</summary>
    public Uri Http2Server => new UriBuilder(server) { Port = LabServer.Http2Port(server.Port) }.Uri;

    /// <summary>The hosts.</summary>
    public LabNetwork Network => network;

    /// <summary>Where the sockets are.</summary>
    public LabNamespace Host => network.Client;

    /// <summary>Who is told of requests.</summary>
    public Oracle Oracle => oracle;

    /// <inheritdoc/>
    public Task BehaveAsync(ClientBehaviour behaviour, CancellationToken cancellation)
    {
        _behaviour = behaviour;
        return Task.CompletedTask;
    }

    /// <summary>Has users ask until cancelled, and sees their last requests to the end.</summary>
    public Task RunAsync(IReadOnlyList<UserKind> users, Random random, CancellationToken cancellation) => Task.WhenAll(
        users.Select(kind => new LabUser(this, kind, new Random(random.Next()))).Select(user => Task.Run(() => user.RunAsync(cancellation), CancellationToken.None)));

    /// <summary>A client whose sockets are in the client's namespace.</summary>
    /// <param name="behaviour">How it reads.</param>
    /// <param name="keepAlive">It keeps a connection for its next request.</param>
    /// <param name="timeout">How long a request may take; null for <see cref="RequestTimeout"/>.</param>
    public LoadClient NewLoader(ClientBehaviour behaviour, bool keepAlive, TimeSpan? timeout = null) => new(
        timeout ?? RequestTimeout, service: "client", keepAlive: keepAlive,
        open: peer => network.Client.RunIn(() => ClientConnection.Unbound(peer, behaviour.ReceiveBuffer)));

    /// <summary>An HTTP handler whose sockets are in the client's namespace, for what <see cref="LoadClient"/> does not speak.</summary>
    /// <param name="first">The request for which it opens its connection, to be noted there.</param>
    public SocketsHttpHandler NewHandler(RequestInFlight first) => new()
    {
        ActivityHeadersPropagator = null,
        UseCookies = false,
        UseProxy = false,
        ConnectCallback = async (context, cancellation) =>
        {
            var peer = IPEndPoint.Parse($"{context.DnsEndPoint.Host}:{context.DnsEndPoint.Port}");
            var connection = network.Client.RunIn(() => ClientConnection.Unbound(peer));
            first.Attempt(connection);
            try
            {
                await connection.ConnectAsync(peer, cancellation);
                return new CountingStream(connection);
            }
            catch
            {
                connection.Socket.Dispose();
                throw;
            }
        },
    };

    /// <summary>A new name for a request.</summary>
    public static RequestId NewId() => new(Nonce(Random.Shared));

    /// <summary>A name for a request that tells nothing of it.</summary>
    public static string Nonce(Random random) => random.NextInt64().ToString("x16", CultureInfo.InvariantCulture);

    /// <summary>A place at the server.</summary>
    public Uri At(string target) => new(server, target);

    /// <summary>Sees a request to its end, and tells the oracle.</summary>
    /// <param name="sending">The request.</param>
    /// <param name="outcome">What the client got, by its own judgement.</param>
    public async Task<(RequestRecord Record, RequestTrace Trace)> TellAsync(
        Task<(RequestRecord Record, RequestTrace Trace)> sending, Func<RequestRecord, Outcome> outcome)
    {
        var (record, trace) = await sending;
        oracle.Add(new SentRequest(record, trace, outcome(record), false));
        return (record, trace);
    }

    /// <summary>Asks for a body, and tells the oracle.</summary>
    public async Task AskAsync(LoadClient loader, ClientBehaviour behaviour, RequestId id, int responseBytes, int bodyBytes)
    {
        var pauses = behaviour.ReadPause > TimeSpan.Zero && responseBytes > BuffersToFill * (behaviour.ReceiveBuffer ?? int.MaxValue / BuffersToFill);
        await using var sink = new CheckingStream(id.Text, responseBytes, pauses ? behaviour.ReadPause : TimeSpan.Zero);
        using var body = bodyBytes > 0 ? new ByteArrayContent(new byte[bodyBytes]) : null;
        var (record, trace) = await loader.SendAsync(
            id, body is null ? HttpMethod.Get : HttpMethod.Post, new Uri(server, string.Create(CultureInfo.InvariantCulture, $"/signed/{responseBytes}")),
            body, sink, CancellationToken.None);
        var outcome = record.Result == RequestResult.Success || sink.Outcome != Outcome.Right ? sink.Outcome : Outcome.Short;
        oracle.Add(new SentRequest(record, trace, outcome, pauses));
    }
}
