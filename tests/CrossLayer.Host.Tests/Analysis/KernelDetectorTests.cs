using CrossLayer.Actors.Correlations;
using CrossLayer.Host.Analysis;
using CrossLayer.Host.Analysis.Detectors;
using CrossLayer.Host.Files;
using CrossLayer.Probe;

namespace CrossLayer.Host.Tests.Analysis;

public sealed class KernelDetectorTests
{
    private const byte Recovery = 3;
    private const byte Loss = 4;
    private const long Start = 5000;

    [Fact]
    public void What_was_sent_again_and_resets_count_one_by_one_as_they_happen()
    {
        var episode = Episode.Of([Episode.Record("a", 100)], events:
        [
            Episode.AtClient(0, new KernelEvent { Type = KernelEventType.Send, Bytes = 100 }),
            Episode.AtClient(10, new KernelEvent { Type = KernelEventType.Retransmit, Bytes = 100 }),
            Episode.AtServer(20, new KernelEvent { Type = KernelEventType.SynackRetransmit }),
            Episode.AtServer(30, new KernelEvent { Type = KernelEventType.ResetSent }),
            Episode.AtClient(40, new KernelEvent { Type = KernelEventType.ResetReceived }),
            Episode.AtClient(50, new KernelEvent { Type = KernelEventType.Close }),
        ]);

        Assert.Equal(
            [(1.0, Episode.Unix(10)), (2, Episode.Unix(20)), (3, Episode.Unix(30)), (4, Episode.Unix(40))],
            Signs(new RetransmitOrResetDetector(), episode, "a"));
    }

    [Fact]
    public void An_event_counts_for_the_requests_on_its_connection_until_half_a_second_after_their_end_or_the_next_one()
    {
        var again = new KernelEvent { Type = KernelEventType.Retransmit, Bytes = 1 };
        var episode = Episode.Of(
            [
                Episode.Record("first", 10, startMs: 1000),
                Episode.Record("second", 10, startMs: 1100),
                Episode.Record("elsewhere", 10_000) with { Local = Episode.Client with { Port = 40001 } },
            ],
            events: [.. ((long[])[999, 1000, 1099, 1105, 1610, 1611]).Select(ms => Episode.AtClient(ms, again))]);
        var detector = new RetransmitOrResetDetector();

        Assert.Equal([(1.0, Episode.Unix(1000)), (2, Episode.Unix(1099))], Signs(detector, episode, "first"));
        Assert.Equal([(1.0, Episode.Unix(1105)), (2, Episode.Unix(1610))], Signs(detector, episode, "second"));
        Assert.Empty(Signs(detector, episode, "elsewhere"));
    }

    [Fact]
    public void A_record_without_endpoints_is_found_by_its_cookie_and_one_without_a_connection_has_what_nobody_names()
    {
        var failed = new KernelEvent { Type = KernelEventType.Retransmit, NewState = TcpState.SynSent };
        var unnamed = Episode.AtClient(20, failed);
        unnamed.Event.LocalPort = 40001;
        unnamed.Event.SocketCookie = 3;
        var episode = Episode.Of(
            [
                Episode.Record("by cookie", 100) with { Local = null, Peer = null, SocketCookie = 1 },
                Episode.Record("no connection", 100) with { Local = null },
                Episode.Record("no connection, later", 100, startMs: 1000) with { Local = null },
            ],
            events: [Episode.AtClient(10, failed), unnamed]);
        var detector = new RetransmitOrResetDetector();

        Assert.Equal([(1.0, Episode.Unix(10))], Signs(detector, episode, "by cookie"));
        Assert.Equal([(1.0, Episode.Unix(20))], Signs(detector, episode, "no connection"));
        Assert.Empty(Signs(detector, episode, "no connection, later"));
    }

    [Fact]
    public void A_request_that_only_the_server_reports_has_events_too()
    {
        var episode = Episode.Of(
            server: [Episode.Record("a", 100) with { Role = Actors.Requests.RequestRole.Server, Local = Episode.Server, Peer = Episode.Client }],
            events: [Episode.AtServer(10, new KernelEvent { Type = KernelEventType.ResetSent })]);

        Assert.Equal([(1.0, Episode.Unix(10))], Signs(new RetransmitOrResetDetector(), episode, "a"));
    }

    [Fact]
    public void The_ratio_is_that_of_the_segments_sent_since_the_request_began()
    {
        // Before: 10 of 100 segments. Since: 2,500 bytes are 3 segments of 1,000, and 1 was sent again: 1 of 4.
        var episode = Episode.Of([Episode.Record("a", 100, startMs: 100)], events:
        [
            Episode.AtServer(50, new KernelEvent { Type = KernelEventType.Send, Bytes = 1, Written = 100_000, TotalRetrans = 10, Mss = 1000 }),
            Episode.AtServer(110, new KernelEvent { Type = KernelEventType.Send, Bytes = 2500, Written = 102_500, TotalRetrans = 10, Mss = 1000 }),
            Episode.AtServer(120, new KernelEvent { Type = KernelEventType.Retransmit, Written = 102_500, TotalRetrans = 11, Mss = 1000 }),
        ]);

        Assert.Equal([(0.25, Episode.Unix(120))], Signs(new RetransmitRatioDetector(), episode, "a"));
    }

    [Fact]
    public void A_handshake_is_a_segment_and_what_was_sent_again_of_it_counts_once()
    {
        // Two SYN-ACKs again, after the first: 2 of 3. The accepted socket counts the same two.
        var episode = Episode.Of([Episode.Record("a", 100)], events:
        [
            Episode.AtServer(10, new KernelEvent { Type = KernelEventType.SynackRetransmit }),
            Episode.AtServer(30, new KernelEvent { Type = KernelEventType.SynackRetransmit }),
            Episode.AtServer(40, new KernelEvent { Type = KernelEventType.Accept, TotalRetrans = 2, Mss = 1000 }),
            Episode.AtServer(50, new KernelEvent { Type = KernelEventType.Send, Bytes = 1000, Written = 1000, TotalRetrans = 2, Mss = 1000 }),
        ]);

        Assert.Equal([(0.5, Episode.Unix(10)), (2.0 / 3, Episode.Unix(30))], Signs(new RetransmitRatioDetector(), episode, "a"));
    }

    public static TheoryData<string, double, Cause?> Rules => new()
    {
        { "refused", 2, Cause.NoListener }, // the connect, and the socket's error
        { "given up", 1, Cause.ConnectBlackhole },
        { "no port", 2, Cause.PortExhaustion },
        { "syn", 1, Cause.PathLoss },
        { "syn-ack", 1, Cause.SynackLoss },
        { "timeout", 1, Cause.PathLoss },
        { "fast retransmit", 1, Cause.PathLoss },
        { "tail loss probe", 0, null },
        { "rwnd", 0.5, Cause.SlowReader }, // 500 ms of 1,000
        { "rwnd at once", 0.2, Cause.SlowReader }, // 100 ms of one poll, 500
        { "rwnd before", 0, null },
        { "sndbuf", 0.25, null }, // 250 ms of 1,000
        { "delayed ack", 1, null }, // 40 ms, and a round trip of 1
        { "prompt ack", 0, null },
        { "unacknowledged", 1, null },
        { "acknowledged", 0, null },
        { "error", 1, null },
        { "would block", 0, null },
        { "rwnd and timeout", 1.5, Cause.PathLoss },
    };

    [Theory, MemberData(nameof(Rules))]
    public void Each_rule_speaks_of_what_it_is_about(string name, double score, Cause? cause)
    {
        const ulong ms = (ulong)Episode.Ms;
        DatedKernelEvent[] events = name switch
        {
            "refused" => [Client(1, new KernelEvent { Type = KernelEventType.Connect, NewState = TcpState.Close, Error = 111 })],
            "given up" => [Client(1, new KernelEvent { Type = KernelEventType.Connect, NewState = TcpState.Close })],
            "no port" => [Client(1, new KernelEvent { Type = KernelEventType.Connect, NewState = TcpState.Close, Error = 99 })],
            "syn" => [Client(1, new KernelEvent { Type = KernelEventType.Retransmit, NewState = TcpState.SynSent })],
            "syn-ack" => [Server(1, new KernelEvent { Type = KernelEventType.SynackRetransmit })],
            "timeout" => [Client(1, new KernelEvent { Type = KernelEventType.Retransmit, CaState = Loss })],
            "fast retransmit" => [Client(1, new KernelEvent { Type = KernelEventType.Retransmit, CaState = Recovery })],
            "tail loss probe" => [Client(1, new KernelEvent { Type = KernelEventType.Retransmit })],
            "rwnd" => [Server(1000, new KernelEvent { Type = KernelEventType.Send, Bytes = 1, RwndLimitedNs = 500 * ms })],
            "rwnd at once" => [Server(100, new KernelEvent { Type = KernelEventType.Send, Bytes = 1, RwndLimitedNs = 100 * ms })],
            "rwnd before" =>
            [
                Server(-1, new KernelEvent { Type = KernelEventType.Send, Bytes = 1, RwndLimitedNs = 500 * ms }),
                Server(1000, new KernelEvent { Type = KernelEventType.Send, Bytes = 1, RwndLimitedNs = 500 * ms }),
            ],
            "sndbuf" => [Server(1000, new KernelEvent { Type = KernelEventType.Send, Bytes = 1, SndbufLimitedNs = 250 * ms })],
            "delayed ack" =>
            [
                Client(1, new KernelEvent { Type = KernelEventType.Send, Bytes = 1 }),
                Client(42, new KernelEvent { Type = KernelEventType.Acked, SrttUs = 1000 }),
            ],
            "prompt ack" =>
            [
                Client(1, new KernelEvent { Type = KernelEventType.Send, Bytes = 1 }),
                Client(41, new KernelEvent { Type = KernelEventType.Acked, SrttUs = 1000 }),
            ],
            "unacknowledged" => [Server(1, new KernelEvent { Type = KernelEventType.Close, Written = 2, Acked = 1 })],
            "acknowledged" => [Server(1, new KernelEvent { Type = KernelEventType.Close, Written = 2, Acked = 2 })],
            "error" => [Server(1, new KernelEvent { Type = KernelEventType.Recv, Bytes = -104 })],
            "would block" => [Server(1, new KernelEvent { Type = KernelEventType.Send, Bytes = -11 })],
            "rwnd and timeout" =>
            [
                Server(1000, new KernelEvent { Type = KernelEventType.Send, Bytes = 1, RwndLimitedNs = 500 * ms }),
                Client(1001, new KernelEvent { Type = KernelEventType.Retransmit, CaState = Loss }),
            ],
            _ => throw new ArgumentException(name),
        };

        var last = new SocketRulesDetector().Judge(Episode.Of([Episode.Record("a", 2000, startMs: Start)], events: events)).LastOrDefault();

        Assert.Equal((score, cause), (Math.Round(last.Score, 9), last.Cause));
    }

    private static DatedKernelEvent Client(long afterMs, KernelEvent e) => Episode.AtClient(Start + afterMs, e);

    private static DatedKernelEvent Server(long afterMs, KernelEvent e) => Episode.AtServer(Start + afterMs, e);

    private static List<(double, long)> Signs(KernelDetector detector, EpisodeInput episode, string request) =>
        [.. detector.Judge(episode).Where(suspicion => suspicion.Request.Text == request).Select(suspicion => (suspicion.Score, suspicion.AtUnixNs))];
}
