using CrossLayer.Actors.Connections;
using CrossLayer.Actors.Correlations;
using CrossLayer.Actors.Requests;
using FsCheck.Xunit;

namespace CrossLayer.Actors.Tests.Correlations;

public class NeighbourFinderTests
{
    private const long Ms = 1_000_000;

    [Property(MaxTest = 200)]
    public bool The_same_findings_come_of_the_same_correlations_however_they_are_cut(int seed)
    {
        var random = new Random(seed);
        var correlations = Make(random);
        var whole = new NeighbourFinder(PlainPipeline.Settings).Apply(correlations);
        var finder = new NeighbourFinder(PlainPipeline.Settings);
        var parts = new List<Correlation>();
        for (var i = 0; i < correlations.Count;)
        {
            var count = Math.Min(correlations.Count - i, random.Next(0, 6));
            parts.AddRange(finder.Apply(correlations.GetRange(i, count)));
            i += count;
        }

        return whole.SequenceEqual(parts);
    }

    [Theory]
    [InlineData(Cause.AcceptQueueOverflow)]
    [InlineData(Cause.MtuBlackhole)]
    public void Neighbours_change_findings_among_those_that_are_cut(Cause cause)
    {
        Assert.Contains(Enumerable.Range(1, 20), seed => new NeighbourFinder(PlainPipeline.Settings).Apply(Make(new Random(seed))).Any(c => c.Finding.Cause == cause));
    }

    [Fact]
    public void Nothing_but_the_finding_of_a_discrepancy_is_changed()
    {
        var correlations = Make(new Random(1));

        var judged = new NeighbourFinder(PlainPipeline.Settings).Apply(correlations);

        Assert.Equal(correlations.Where(c => c.Finding.Verdict != Verdict.Discrepant), judged.Where(c => c.Finding.Verdict != Verdict.Discrepant));
        Assert.Equal(correlations, judged.Zip(correlations, (after, before) => after with { Finding = before.Finding }));
    }

    [Fact]
    public void Neighbours_that_ended_long_before_tell_nothing()
    {
        // Whoever was seen last before is 10 s older than the newest, and is let go with it.
        var old = Enumerable.Range(0, 3).Select(i => Whole(41000 + i, 100 + i, 200)).ToList();
        var between = Whole(42000, 19_000, 200);

        Assert.Equal(Cause.MtuBlackhole, Last([.. old, Stuck(30_000)]));
        Assert.Equal(Cause.SilentResponseLoss, Last([.. old, between, Stuck(30_000)]));
    }

    [Fact]
    public void Too_many_servers_are_forgotten_and_counted()
    {
        var finder = new NeighbourFinder(PlainPipeline.Settings);
        var template = Whole(41000, 1, 100);

        finder.Apply([.. Enumerable.Range(1, 4096).Select(Server)]);
        Assert.Equal(0, finder.Forgotten);
        finder.Apply([Server(4097)]);
        Assert.Equal(4096, finder.Forgotten);

        Correlation Server(int port) => template with { ServerExchange = template.ServerExchange! with { Local = Conversation.End(port) } };
    }

    private static Cause? Last(IReadOnlyList<Correlation> correlations) => new NeighbourFinder(PlainPipeline.Settings).Apply(correlations)[^1].Finding.Cause;

    private static List<Correlation> Make(Random random) => [.. Enumerable.Range(0, 60).Select(_ => random.Next(8) switch
    {
        0 => Stuck(random.Next(1000, 5000)),
        1 => Unread(40000 + random.Next(4), random.Next(100), random.Next(1000, 5000)),
        _ => Whole(41000 + random.Next(4), random.Next(5000), random.Next(100, 1000), ordinal: random.Next(1, 4)),
    }).OrderBy(c => c.ClosedAtNs).ThenBy(c => c.ServerExchange?.Response.Length ?? 0)];

    /// <summary>A large response that was never acknowledged.</summary>
    private static Correlation Stuck(long lastMs) => Of(Cause.SilentResponseLoss, null, new Exchange
    {
        NetnsCookie = 1,
        SocketCookie = 2,
        Local = Conversation.End(8080),
        Peer = Conversation.End(40000),
        IsServer = true,
        Ordinal = 1,
        Request = new ByteRange(0, 100),
        Response = new ByteRange(0, 5000),
        ResponseStartNs = 20 * Ms,
        UnackedBytes = 5000,
        Retransmits = 3,
        RepeatedRetransmits = 3,
        FirstNs = 10 * Ms,
        LastNs = lastMs * Ms,
    });

    /// <summary>A request that the server's host acknowledged and its application did not read.</summary>
    private static Correlation Unread(int port, long firstMs, long lastMs) => Of(Cause.ProcessStall, new Exchange
    {
        NetnsCookie = 1,
        SocketCookie = 1,
        Local = Conversation.End(port),
        Peer = Conversation.End(8080),
        IsServer = false,
        Ordinal = 1,
        Request = new ByteRange(0, 100),
        ConnectStartNs = firstMs * Ms,
        FirstNs = firstMs * Ms,
        LastNs = lastMs * Ms,
    }, null);

    /// <summary>A request and its response, both acknowledged, 4 ms in all.</summary>
    private static Correlation Whole(int port, long firstMs, int response, int ordinal = 1) => Of(null, null, new Exchange
    {
        NetnsCookie = 1,
        SocketCookie = 3,
        Local = Conversation.End(8080),
        Peer = Conversation.End(port),
        IsServer = true,
        Ordinal = ordinal,
        Request = new ByteRange(0, 100),
        Response = new ByteRange(0, response),
        RequestEndNs = (firstMs + 1) * Ms,
        FirstNs = firstMs * Ms,
        LastNs = (firstMs + 4) * Ms,
    });

    private static Correlation Of(Cause? cause, Exchange? client, Exchange? server) => new()
    {
        RequestId = RequestId.From(1),
        ClosedAtNs = (client ?? server)!.LastNs + (500 * Ms),
        ClientExchange = client,
        ServerExchange = server,
        Match = Match.None,
        Finding = cause is null ? Finding.Healthy : new Finding { Verdict = Verdict.Discrepant, Cause = cause, Confidence = 0.9, Reason = "It is so." },
        Ledger = Ledger.Empty,
    };
}
