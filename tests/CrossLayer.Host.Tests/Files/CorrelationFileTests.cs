using System.Text.Json;
using CrossLayer.Actors.Connections;
using CrossLayer.Actors.Correlations;
using CrossLayer.Actors.Requests;
using CrossLayer.Host.Files;

namespace CrossLayer.Host.Tests.Files;

public sealed class CorrelationFileTests : IDisposable
{
    private static readonly RecordKind<Correlation> Kind = CorrelationJson.Kind;

    private static readonly Exchange FullExchange = new()
    {
        NetnsCookie = ulong.MaxValue,
        SocketCookie = 9,
        Local = Records.EndpointOf("127.0.0.1:8080"),
        Peer = Records.EndpointOf("[::1]:40000"),
        IsServer = true,
        Ordinal = 2,
        Pid = 77,
        Comm = "nginx",
        Request = new ByteRange(10, 67),
        Response = new ByteRange(20, 1L << 40),
        ConnectStartNs = 1,
        ConnectEndNs = 2,
        FirstNs = 3,
        RequestStartNs = 4,
        RequestEndNs = 5,
        ResponseStartNs = 6,
        ResponseEndNs = 7,
        AckedNs = 8,
        UnackedBytes = 9,
        UnreadBytes = 10,
        ClosedNs = 11,
        ResetReceivedNs = 12,
        ResetSentNs = 13,
        ConnectError = 111,
        Retransmits = 14,
        SynRetransmits = 15,
        Drops = 16,
        RwndLimitedNs = 17,
        PausedNs = 21,
        RequestGapNs = 22,
        SndbufLimitedNs = 20,
        RecoveryNs = 21,
        Shared = true,
        FinReceivedNs = 22,
        EgressDrops = 23,
        RepeatedRetransmits = 24,
        IdleNs = 25,
        RttNs = 26,
        LeastRttNs = 27,
        PeerSentReset = false,
        PeerSynackRetransmits = 28,
        EventCount = 18,
        Complete = true,
        LastNs = 19,
    };

    private static readonly Correlation Full = new()
    {
        RequestId = RequestId.From(5),
        ClosedAtNs = 123,
        StartUnixNs = 456,
        ClientRecord = Records.Request(5),
        ServerRecord = Records.FullRequest,
        ClientExchange = FullExchange with { IsServer = false, ConnectError = null, AckedNs = null },
        ServerExchange = FullExchange,
        Match = new Match(MatchMethod.TupleBytes, 1, 0.95),
        Finding = new Finding
        {
            Verdict = Verdict.Discrepant,
            Cause = Cause.SilentResponseLoss,
            BlindLayer = BlindLayer.Application,
            Confidence = 0.9,
            Reason = "the peer never acknowledged 120 bytes",
        },
        DeliveredMs = 3.5,
        Ledger = new Ledger
        {
            ConnectMs = 0.1,
            RequestMs = 0.2,
            ApplicationMs = 0.3,
            ResponseMs = 0.4,
            RwndLimitedMs = 0,
            AcceptWaitMs = 0.5,
            SndbufLimitedMs = 0.6,
            RecoveryMs = 0.7,
            AckWaitMs = 0.8,
            RemainderMs = -0.01,
        },
        EvidenceComplete = true,
    };

    private static readonly Correlation Sparse = new()
    {
        RequestId = new RequestId("x"),
        ClosedAtNs = 1,
        Match = Match.None,
        Finding = Finding.Inconclusive("kernel events were lost"),
        Ledger = Ledger.Empty,
    };

    private static readonly Correlation Healthy = Sparse with { Finding = Finding.Healthy, Match = new Match(MatchMethod.Cookie, 1, 1) };

    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Names => new("full", "sparse", "healthy");

    [Theory]
    [MemberData(nameof(Names))]
    public void A_correlation_comes_back(string name)
    {
        var correlation = name switch { "full" => Full, "sparse" => Sparse, _ => Healthy };

        Assert.Equal(correlation, Records.FromJson(Kind, Records.ToJson(Kind, correlation)));
    }

    [Fact]
    public void A_correlation_has_the_promised_names_and_values()
    {
        using var document = JsonDocument.Parse(Records.ToJson(Kind, Full));
        var root = document.RootElement;

        Assert.Equal(5, root.GetProperty("request_id").GetInt32());
        Assert.Equal(5.25, root.GetProperty("app_latency_ms").GetDouble());
        Assert.Equal(36, root.GetProperty("kernel_event_count").GetInt32());
        Assert.True(root.GetProperty("discrepancy_detected").GetBoolean());
        Assert.Equal("the peer never acknowledged 120 bytes", root.GetProperty("discrepancy_reason").GetString());
        Assert.Equal("discrepant", root.GetProperty("verdict").GetString());
        Assert.Equal("silent_response_loss", root.GetProperty("cause").GetString());
        Assert.Equal("application", root.GetProperty("blind_layer").GetString());
        Assert.Equal("""{"method":"tuple+bytes","candidates":1,"confidence":0.95}""", root.GetProperty("match").GetRawText());
        Assert.Equal(3.5, root.GetProperty("delivered_ms").GetDouble());
        Assert.Equal(
            ["connect_ms", "accept_wait_ms", "request_ms", "application_ms", "response_ms", "sndbuf_limited_ms", "rwnd_limited_ms", "recovery_ms", "ack_wait_ms", "remainder_ms"],
            root.GetProperty("ledger").EnumerateObject().Select(property => property.Name));
        Assert.True(root.GetProperty("evidence_complete").GetBoolean());
        Assert.Equal("[::1]:40000", root.GetProperty("server").GetProperty("exchange").GetProperty("peer_endpoint").GetString());
        Assert.Equal(ulong.MaxValue, root.GetProperty("server").GetProperty("exchange").GetProperty("netns").GetUInt64());
        Assert.Equal("""{"start":10,"end":67}""", root.GetProperty("client").GetProperty("exchange").GetProperty("request").GetRawText());
        Assert.Equal(5, root.GetProperty("client").GetProperty("record").GetProperty("request_id").GetInt32());
    }

    [Fact]
    public void Promised_fields_without_a_value_are_null()
    {
        using var document = JsonDocument.Parse(Records.ToJson(Kind, Healthy));

        foreach (var name in (string[])["app_latency_ms", "discrepancy_reason", "cause", "delivered_ms"])
            Assert.Equal(JsonValueKind.Null, document.RootElement.GetProperty(name).ValueKind);
        Assert.False(document.RootElement.GetProperty("discrepancy_detected").GetBoolean());
        Assert.False(document.RootElement.TryGetProperty("client", out _));
    }

    [Theory]
    [InlineData("""{"request_id":1}""", "verdict is missing")]
    [InlineData("""{"verdict":"healthy"}""", "request_id is missing")]
    [InlineData("""{"match":{"method":"guess"}}""", "method is \"guess\"; expected one of cookie, tuple+bytes, tuple+order, tuple+time, none")]
    [InlineData("""{"cause":"bad_luck"}""", "cause is \"bad_luck\"; expected one of path_loss, congestion,")]
    [InlineData("""{"match":3}""", "match is 3; expected an object")]
    [InlineData("""{"server":{"exchange":{"ordinal":"x"}}}""", "exchange.ordinal: The JSON value could not be converted")]
    [InlineData("""{"server":{"exchange":{"local_endpoint":"x"}}}""", "exchange.local_endpoint: not an endpoint such as")]
    public void What_cannot_be_used_is_named(string json, string expected)
    {
        var exception = Assert.Throws<FieldException>(() => Records.FromJson(Kind, json));

        Assert.StartsWith(expected, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_file_and_its_summary_are_whole_after_every_append()
    {
        var path = _folder.File("correlations.json");
        using var writer = CorrelationWriter.Create(path);
        AssertFile(path, []);
        Correlation[] all = [Full, Sparse, Healthy, Full, Healthy];
        for (var count = 1; count <= all.Length; count++)
        {
            writer.Append(all[count - 1]);
            AssertFile(path, all[..count]);
        }

        writer.SetLostEvents(1234567);
        AssertFile(path, all);
        writer.SetLostEvents(3);
        AssertFile(path, all);
        writer.SetKernelEvidence("no BTF here");
        AssertFile(path, all);
        Assert.Contains("\"kernel_evidence\":\"unavailable: no BTF here\"}", File.ReadAllText(path), StringComparison.Ordinal);
        writer.SetKernelEvidence(null);
        AssertFile(path, all);

        using var document = JsonDocument.Parse(File.ReadAllText(path));
        Assert.Equal(
            """{"correlations":5,"healthy":2,"discrepant":2,"inconclusive":1,"by_cause":{"silent_response_loss":2}"""
            + ""","by_match":{"cookie":2,"tuple+bytes":2,"none":1},"lost_events":3,"kernel_evidence":"available"}""",
            document.RootElement.GetProperty("summary").GetRawText());
    }

    [Fact]
    public void Very_many_in_one_append_are_all_there()
    {
        var path = _folder.File("correlations.json");
        var all = Enumerable.Repeat(Full, 2_000).ToArray();
        using var writer = CorrelationWriter.Create(path);

        writer.Append(all);

        Assert.True(new FileInfo(path).Length > 2 << 20);
        AssertFile(path, all);
    }

    [Theory]
    [InlineData("""{"summary":{"a":[{"b":1}]},"correlations":[{"request_id":1,"verdict":"healthy"}]}""", 1)]
    [InlineData("""{"correlations":[],"summary":{}}""", 0)]
    [InlineData("""{"request_id":1,"verdict":"healthy"} {"request_id":2,"verdict":"healthy"}""", 2)]
    [InlineData("""[{"request_id":1,"verdict":"healthy"}]""", 1)]
    public void All_forms_are_read(string content, int count) =>
        Assert.Equal(count, Records.ReadFile(Kind, _folder.File("correlations", content)).Count);

    [Theory]
    [InlineData("""{"correlations":{}}""", "line 1: an object; expected a correlation")]
    [InlineData("""{"correlations":[{"request_id":1,"verdict":"healthy"}""", "before its closing bracket; 1 whole correlation before it")]
    [InlineData("""{"summary":{"a":""", "line 1: the file ends inside a correlation; 0 whole correlations before it")]
    public void Broken_files_are_refused(string content, string expected)
    {
        var exception = Assert.Throws<InputException>(() => Records.ReadFile(Kind, _folder.File("correlations", content)));

        Assert.Contains(expected, exception.Message, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private void AssertFile(string path, Correlation[] expected)
    {
        var copy = _folder.File("copy");
        File.Copy(path, copy, overwrite: true);
        Assert.Equal(expected, Records.ReadFile(Kind, copy));
        using var document = JsonDocument.Parse(File.ReadAllText(copy));
        Assert.Equal(expected.Length, document.RootElement.GetProperty("summary").GetProperty("correlations").GetInt32());
        Assert.Equal(expected.Length, File.ReadAllLines(Path.ChangeExtension(path, ".jsonl")).Length);
    }
}
