using CrossLayer.Actors.Hosts;

namespace CrossLayer.Actors.Tests.Hosts;

public sealed class ClockCrossingsTests
{
    private const long AheadNs = 3_700_000_000;
    private const long Ms = 1_000_000;

    private readonly ClockCrossings _crossings = new();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_connection_bounds_the_other_hosts_clock_from_both_sides(bool serverIsPeer)
    {
        // Connected at 10 ms, accepted at 11 ms, read at 25 ms, and the response read at 30 ms.
        var c = new Conversation().Open(10, 1).ClientSends(20, 100).ServerReads(25, 100).ServerSends(26, 500).ClientReads(30, 500);

        Add(c, serverIsPeer);

        var bound = Assert.Single(_crossings.Bounds);
        Assert.True(bound.LeastNs <= AheadNs && AheadNs <= bound.MostNs, $"{bound}");
        Assert.InRange(bound.MostNs!.Value - bound.LeastNs!.Value, 0, 10 * Ms);
    }

    [Fact]
    public void Both_ends_at_one_host_say_nothing()
    {
        var c = new Conversation().Open(10, 1).ClientSends(20, 100).ServerReads(25, 100).ServerSends(26, 500).ClientReads(30, 500);
        foreach (var e in c.Events.OrderBy(e => e.TimestampNs))
            _crossings.Add(in e, atPeer: false);

        Assert.Empty(_crossings.Bounds);
    }

    [Fact]
    public void A_server_that_speaks_first_bounds_it_from_one_side()
    {
        var c = new Conversation().Open(10, 1).ServerSends(12, 50).ClientReads(13, 50).ClientSends(20, 100).ServerReads(25, 100);

        Add(c, serverIsPeer: true);

        var bound = Assert.Single(_crossings.Bounds);
        Assert.Null(bound.LeastNs);
        Assert.True(bound.MostNs >= AheadNs);
    }

    [Fact]
    public void Connections_of_one_tuple_are_told_apart_in_whatever_order_the_hosts_are_read()
    {
        var first = new Conversation().Open(10, 1).ClientSends(20, 100).ServerReads(25, 100).ServerSends(26, 500).ClientReads(30, 500);
        var second = new Conversation().Open(1010, 1).ClientSends(1020, 100).ServerReads(1025, 100).ServerSends(1026, 500).ClientReads(1030, 500);
        var all = first.Events.Concat(second.Events).OrderBy(e => e.TimestampNs).ToList();

        foreach (var e in all.Where(e => e.SocketCookie == Conversation.ClientCookie))
            _crossings.Add(in e, atPeer: false);
        foreach (var seen in all.Where(e => e.SocketCookie == Conversation.ServerCookie))
        {
            var e = seen with { TimestampNs = seen.TimestampNs + (ulong)AheadNs };
            _crossings.Add(in e, atPeer: true);
        }

        Assert.Equal(2, _crossings.Bounds.Count);
        Assert.All(_crossings.Bounds, bound => Assert.InRange(bound.MostNs!.Value - bound.LeastNs!.Value, 0, 10 * Ms));
    }

    private void Add(Conversation c, bool serverIsPeer)
    {
        foreach (var seen in c.Events.OrderBy(e => e.TimestampNs))
        {
            var e = seen;
            var atPeer = e.SocketCookie == (serverIsPeer ? Conversation.ServerCookie : Conversation.ClientCookie);
            if (atPeer)
                e.TimestampNs += (ulong)AheadNs;
            _crossings.Add(in e, atPeer);
        }
    }
}
