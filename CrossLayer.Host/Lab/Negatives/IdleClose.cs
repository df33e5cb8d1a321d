using System.Globalization;
using CrossLayer.Actors.Requests;
using CrossLayer.Host.Lab.Injection;
using CrossLayer.Host.Lab.Traffic;
using CrossLayer.Host.Loading;

namespace CrossLayer.Host.Lab.Negatives;

/// <summary>
/// The server closes a connection that was idle for a second, as the client asked it to, and at the same time the client sends its
/// next request there: reset, and sent again on a new connection by the client's library.
/// </summary>
/// <remarks>On a path without delay the two hardly ever meet: the FIN is held up, that is dropped by the router, as on a long way.</remarks>
internal sealed class IdleClose : OddTraffic
{
    private const int Bytes = 2000;
    private const int IdleSeconds = 1;
    private static readonly TimeSpan AfterClose = TimeSpan.FromMilliseconds(80);

    /// <inheritdoc/>
    public override string Name => "idle_close";

    /// <inheritdoc/>
    public override TimeSpan Hold => TimeSpan.FromSeconds(3);

    /// <inheritdoc/>
    protected override string What => "a request on a connection that the server has just closed";

    /// <inheritdoc/>
    protected override (LabHost Host, string Name)? Counter => (LabHost.Server, "TcpExt.TCPAbortOnData");

    /// <inheritdoc/>
    public override async Task<ArmedFault> ArmAsync(LabSetup lab, Intensity intensity, CancellationToken cancellation = default)
    {
        var client = lab.TrafficFor(this);
        var table = new NftTable(lab.Network.Router, Name);
        await table.ArmAsync(
            "forward", [$"{NftMatch.FromServer} tcp flags & fin == fin tcp dport @closing {NftTable.Count} drop"],
            " set closing { type inet_service; flags timeout; timeout 5s; }\n", cancellation);
        var traffic = Begin(lab, intensity, client);
        return new ArmedFault(traffic.VerifyAsync, async stop =>
        {
            await traffic.LiftAsync(stop);
            await table.LiftAsync(stop);
        })
        { EndsBeforeItIsRead = true };
    }

    /// <inheritdoc/>
    protected override async Task<int> RoundAsync(LabClient client, CancellationToken stop)
    {
        using var loader = client.NewLoader(ClientBehaviour.Ordinary, keepAlive: true);
        var first = await GetAsync(IdleSeconds);
        var rest = Task.Delay(TimeSpan.FromSeconds(IdleSeconds) + AfterClose, CancellationToken.None);
        if (first.Trace.Connection?.Local is not { } local)
            return 0;
        var port = local.Port.ToString(CultureInfo.InvariantCulture);
        await client.Network.Router.ExecAsync("nft", ["add", "element", "inet", Name, "closing", "{", port, "}"], cancellation: CancellationToken.None);
        await rest;
        return await AskAgainAsync(client, loader) ? 1 : 0;

        async Task<(RequestRecord Record, RequestTrace Trace)> GetAsync(int idle)
        {
            var id = LabClient.NewId();
            await using var sink = new CheckingStream(id.Text, Bytes, TimeSpan.Zero);
            return await client.TellAsync(
                loader.SendAsync(id, HttpMethod.Get, client.At($"/signed/{Bytes}"), null, sink, CancellationToken.None, idle: idle), _ => sink.Outcome);
        }
    }

    /// <summary>
    /// A request that its library sends again on another connection where the first is reset before any byte of a response, as those of
    /// Go and Java do (RFC 9110, 9.2.2): its application knows of one, and of its last connection.
    /// </summary>
    /// <returns>Whether it was sent twice.</returns>
    private static async Task<bool> AskAgainAsync(LabClient client, LoadClient loader)
    {
        var id = LabClient.NewId();
        await using var sink = new CheckingStream(id.Text, Bytes, TimeSpan.Zero);
        var (first, firstTrace) = await GetAsync();
        if (first is not { Result: RequestResult.Reset, ResponseBytes: 0 })
        {
            client.Oracle.Add(new SentRequest(first, firstTrace, sink.Outcome, false));
            return false;
        }

        var (second, trace) = await GetAsync();
        client.Oracle.Add(new SentRequest(
            second with
            {
                StartUnixNs = first.StartUnixNs,
                LatencyMs = (second.EndUnixNs!.Value - first.StartUnixNs!.Value) / 1e6,
            },
            trace with { Attempts = [.. firstTrace.Attempts, .. trace.Attempts] }, sink.Outcome, false));
        return true;

        Task<(RequestRecord Record, RequestTrace Trace)> GetAsync() =>
            loader.SendAsync(id, HttpMethod.Get, client.At($"/signed/{Bytes}"), null, sink, CancellationToken.None);
    }
}
