using CrossLayer.Actors.Connections;
using CrossLayer.Probe;

namespace CrossLayer.Actors.Tests.Connections;

/// <summary>
/// A call is told of when it returns, and its thread may be interrupted before: the answer may be read by another one meanwhile
/// (on a kernel that preempts itself, 1 in 17 of a client's sends; bytes were in the stream before, as every event of the socket says).
/// </summary>
public class CallToldLateTests
{
    [Fact]
    public void A_response_that_is_read_before_its_request_s_send_has_returned_is_of_the_same_exchange()
    {
        var exchanges = Exchanges.Of(Late(1, new Conversation { WithServer = false, ClientRole = SocketRole.Active }
            .Open(10, 9).ClientSends(20, 100).ServerSends(21, 500).ClientReads(22, 500).ClientSends(40, 100).ServerSends(41, 500).ClientReads(42, 500)));

        Assert.Equal(2, exchanges.Count);
        foreach (var (exchange, i) in exchanges.Select((exchange, i) => (exchange, i)))
        {
            Assert.True(exchange.Complete);
            Assert.Equal(new ByteRange(i * 100, (i * 100) + 100), exchange.Request);
            Assert.Equal(new ByteRange(i * 500, (i * 500) + 500), exchange.Response);
        }

        // It was sent before the response was read: that is all that is known.
        Assert.Equal(exchanges[0].ResponseStartNs, exchanges[0].RequestEndNs);
        // The handshake, the response, and the send, as late as it came.
        Assert.Equal(3, exchanges[0].EventCount);
    }

    [Fact]
    public void So_is_one_on_a_connection_that_has_carried_others()
    {
        var exchanges = Exchanges.Of(Late(2, new Conversation { WithServer = false, ClientRole = SocketRole.Active }
            .Open(10, 9).ClientSends(20, 100).ServerSends(21, 500).ClientReads(22, 500).ClientSends(4000, 100).ServerSends(4001, 500).ClientReads(4002, 500)));

        Assert.Equal(2, exchanges.Count);
        Assert.All(exchanges, exchange => Assert.True(exchange.Complete));
        Assert.Equal(new ByteRange(100, 200), exchanges[1].Request);
        Assert.Equal(new ByteRange(500, 1000), exchanges[1].Response);
    }

    [Fact]
    public void The_last_part_of_a_request_is_not_taken_for_the_next_one()
    {
        var exchanges = Exchanges.Of(Late(2, new Conversation { WithServer = false, ClientRole = SocketRole.Active }
            .Open(10, 9).ClientSends(20, 100).ClientSends(30, 900).ServerSends(31, 500).ClientReads(32, 500)));

        var exchange = Assert.Single(exchanges);
        Assert.True(exchange.Complete);
        Assert.Equal(new ByteRange(0, 1000), exchange.Request);
        Assert.Equal(new ByteRange(0, 500), exchange.Response);
    }

    [Fact]
    public void What_a_send_that_goes_on_still_adds_is_of_the_request_that_it_began_with()
    {
        // At 30 the half of it is in the stream, and answered; the rest follows.
        var c = new Conversation { WithServer = false, ClientRole = SocketRole.Active }.Open(10, 9).ClientSends(20, 500).ServerSends(25, 50).ClientReads(30, 50).ClientSends(40, 500);
        var events = c.Events;
        events.RemoveAll(e => e.TimestampNs == Conversation.Ns(20));
        events[^1] = events[^1] with { Bytes = 1000 };

        var exchange = Assert.Single(Exchanges.Of(events));

        Assert.True(exchange.Complete);
        Assert.Equal(new ByteRange(0, 1000), exchange.Request);
        Assert.Equal(new ByteRange(0, 50), exchange.Response);
        Assert.Equal((long)Conversation.Ns(40), exchange.RequestEndNs);
    }

    [Fact]
    public void A_request_that_is_read_before_the_last_response_s_send_has_returned_is_an_exchange_of_its_own()
    {
        var exchanges = Exchanges.Of(Late(1, new Conversation { WithClient = false, ServerRole = SocketRole.Passive }
            .Open(10, 9).ClientSends(20, 100).ServerReads(20, 100).ServerSends(21, 500).ClientSends(22, 100).ServerReads(22, 100).ServerSends(23, 500)));

        Assert.Equal(2, exchanges.Count);
        foreach (var (exchange, i) in exchanges.Select((exchange, i) => (exchange, i)))
        {
            Assert.True(exchange.Complete);
            Assert.Equal(new ByteRange(i * 100, (i * 100) + 100), exchange.Request);
            Assert.Equal(new ByteRange(i * 500, (i * 500) + 500), exchange.Response);
        }
    }

    [Fact]
    public void A_response_whose_read_has_not_returned_when_its_request_is_told_begins_where_the_last_one_ended()
    {
        var events = new Conversation { WithServer = false, ClientRole = SocketRole.Active }
            .Open(10, 9).Exchange(20).ClientSends(40, 100).ServerSends(41, 500).ClientReads(42, 500).Events;
        // What its event says of the streams was read when the response had been.
        events[^2] = events[^2] with { Copied = events[^1].Copied, Received = events[^1].Received };

        var exchanges = Exchanges.Of(events);

        Assert.Equal(2, exchanges.Count);
        Assert.Equal(new ByteRange(100, 200), exchanges[1].Request);
        Assert.Equal(new ByteRange(500, 1000), exchanges[1].Response);
    }

    [Fact]
    public void After_a_loss_the_send_may_be_lost_and_the_exchange_is_a_part()
    {
        var c = new Conversation { WithServer = false, ClientRole = SocketRole.Active }.Open(10, 9).Loses(15, 16, 1).ClientSends(20, 100).ServerSends(21, 500).ClientReads(22, 500);
        c.Events.RemoveAll(e => e.Type == KernelEventType.Send);

        Assert.False(Assert.Single(Exchanges.Of(c)).Complete);
    }

    [Fact]
    public void A_loss_after_which_the_streams_are_where_they_were_told_to_be_has_taken_no_send()
    {
        var c = new Conversation { WithServer = false, ClientRole = SocketRole.Active }.Open(10, 9).Exchange(20).Loses(1000, 1001, 1).ClientIsAcked(1500)
            .ClientSends(2000, 100).ServerSends(2001, 500).ClientReads(2002, 500);

        var exchange = Exchanges.Of(Late(2, c)).Client(ordinal: 2);

        Assert.True(exchange.Complete);
        Assert.Equal(new ByteRange(100, 200), exchange.Request);
        // The same without an event that says so.
        c.Events.RemoveAll(e => e.Type == KernelEventType.Acked);
        Assert.False(Exchanges.Of(c).Client(ordinal: 2).Complete);
    }

    [Fact]
    public void Of_a_socket_that_is_older_than_the_probe_nothing_is_made_up()
    {
        var c = new Conversation { WithServer = false, ClientRole = SocketRole.Active }.Open(10, 9).ClientSends(20, 100).ServerSends(21, 500).ClientReads(22, 500);
        c.Events.RemoveAll(e => e.Type != KernelEventType.Recv);

        var exchange = Assert.Single(Exchanges.Of(c));

        Assert.False(exchange.Complete);
        Assert.Equal(0, exchange.Request.Length);
    }

    /// <summary>The n-th send is told of a little later than the call that follows it.</summary>
    private static List<KernelEvent> Late(int nth, Conversation conversation)
    {
        var events = conversation.Events;
        var at = Enumerable.Range(0, events.Count).Where(i => events[i].Type == KernelEventType.Send).ElementAt(nth - 1);
        var next = events.FindIndex(at + 1, e => e.Type is KernelEventType.Send or KernelEventType.Recv);
        var late = events[at] with { TimestampNs = events[next].TimestampNs + 1000, Acked = events[next].Acked, Copied = events[next].Copied, Received = events[next].Received };
        events.RemoveAt(at);
        events.Insert(next, late);
        return events;
    }
}
