using CrossLayer.Actors.Connections;
using CrossLayer.Probe;

namespace CrossLayer.Actors.Tests.Connections;

public class ExchangeAssemblerTests
{
    private static readonly ExchangeTimes Times = PlainPipeline.Settings.ExchangeTimes;

    [Fact]
    public void A_request_and_its_response_are_one_exchange_at_each_socket()
    {
        var exchanges = Assemble(new Conversation().Open(10, 9).Exchange(20));

        Assert.Equal(2, exchanges.Count);
        var client = exchanges.Single(x => !x.IsServer);
        var server = exchanges.Single(x => x.IsServer);
        Assert.Equal(new ByteRange(0, 100), client.Request);
        Assert.Equal(new ByteRange(0, 500), client.Response);
        Assert.Equal((client.Request, client.Response), (server.Request, server.Response));
        Assert.Equal((9_000_000, 10_000_000), (client.ConnectStartNs, client.ConnectEndNs));
        Assert.Equal((21_000_000, 23_000_000, 23_000_000), (server.RequestEndNs, server.ResponseStartNs, server.AckedNs));
        Assert.Equal((24_000_000, 24_000_000), (client.ResponseStartNs, client.ResponseEndNs));
        Assert.Equal((11u, "curl", 22u, "nginx"), (client.Pid, client.Comm, server.Pid, server.Comm));
        Assert.True(client.Complete && server.Complete);
    }

    [Fact]
    public void Requests_on_a_kept_alive_connection_are_told_apart_by_their_bytes()
    {
        var exchanges = Assemble(new Conversation().Open(10, 9).Exchange(20).Exchange(30).Exchange(40)).Where(x => x.IsServer).ToList();

        Assert.Equal([1, 2, 3], exchanges.Select(x => x.Ordinal));
        Assert.Equal([new ByteRange(0, 100), new ByteRange(100, 200), new ByteRange(200, 300)], exchanges.Select(x => x.Request));
        Assert.Equal([new ByteRange(0, 500), new ByteRange(500, 1000), new ByteRange(1000, 1500)], exchanges.Select(x => x.Response));
        Assert.Null(exchanges[1].ConnectEndNs);
    }

    [Theory]
    [InlineData(StreamFlags.None, 0)]
    [InlineData(StreamFlags.Summarised, 300)]
    public void What_is_told_in_summaries_may_come_a_little_after_its_deadline(StreamFlags flags, int laterMs)
    {
        var assembler = new ExchangeAssembler(Times, maxSockets: 10);
        var facts = new List<ConnectionFact>();
        foreach (var e in new Conversation { WithClient = false }.Open(10, 9).Exchange(20).Events.OrderBy(e => e.TimestampNs))
        {
            var told = e with { Flags = e.Flags | flags };
            assembler.Apply(in told, facts);
        }

        const long ackedNs = 23_000_000;
        var deadlineNs = ackedNs + Times.SettleNs + (laterMs * 1_000_000L);
        assembler.Advance(deadlineNs - 1, facts);
        Assert.Empty(facts.OfType<ExchangeSettled>());
        assembler.Advance(deadlineNs, facts);

        var exchange = Assert.Single(facts.OfType<ExchangeSettled>()).Traced.Exchange;
        Assert.Equal((laterMs > 0, true), (exchange.Summarised, exchange.Complete));
    }

    [Fact]
    public void A_response_in_many_writes_and_reads_is_one_response()
    {
        var exchange = Assemble(new Conversation { WithClient = false }.Open(10, 9)
            .ClientSends(20, 60).ServerReads(21, 40).ServerReads(22, 20)
            .ServerSends(30, 100).ServerSends(40, 200, acked: false).ServerIsAcked(45)).Single();

        Assert.Equal(new ByteRange(0, 60), exchange.Request);
        Assert.Equal(new ByteRange(0, 300), exchange.Response);
        Assert.Equal((30_000_000, 40_000_000, 45_000_000), (exchange.ResponseStartNs, exchange.ResponseEndNs, exchange.AckedNs));
        Assert.Equal(0, exchange.UnackedBytes);
    }

    [Fact]
    public void Bytes_that_were_never_acknowledged_are_counted()
    {
        var exchange = Assemble(new Conversation { WithClient = false }.Open(10, 9)
            .ClientSends(20, 100).ServerReads(21, 100).ServerSends(22, 200).ServerSends(23, 300, acked: false)
            .ServerRetransmits(223, 200, 300).ServerRetransmits(623, 200, 300)).Single();

        Assert.Equal(300, exchange.UnackedBytes);
        Assert.Equal(2, exchange.Retransmits);
        Assert.Null(exchange.AckedNs);
        Assert.Equal(623_000_000, exchange.LastNs);
    }

    [Fact]
    public void A_retransmit_belongs_to_the_exchange_that_owns_its_bytes()
    {
        // The second request comes while the first response is still on its way.
        var exchanges = Assemble(new Conversation { WithClient = false }.Open(10, 9)
            .ClientSends(20, 100).ServerReads(21, 100).ServerSends(22, 500, acked: false)
            .ClientSends(23, 100).ServerReads(24, 100).ServerRetransmits(30, 0, 500).ServerIsAcked(31)
            .ServerSends(40, 500));

        Assert.Equal([1, 0], exchanges.OrderBy(x => x.Ordinal).Select(x => x.Retransmits));
        Assert.Equal([0L, 0L], exchanges.Select(x => x.UnackedBytes));
    }

    [Fact]
    public void Unread_bytes_and_the_reset_of_a_closing_client_are_seen_at_both_sockets()
    {
        var exchanges = Assemble(new Conversation().Open(10, 9)
            .ClientSends(20, 100).ServerReads(21, 100).ServerSends(22, 500).ClientResets(25).Close(25));

        var client = exchanges.Single(x => !x.IsServer);
        var server = exchanges.Single(x => x.IsServer);
        Assert.Equal((500, 25_000_000, 25_000_000), (client.UnreadBytes, client.ResetSentNs, client.ClosedNs));
        Assert.Equal((0, 25_000_000), (server.UnackedBytes, server.ResetReceivedNs));
    }

    [Fact]
    public void A_failed_connect_is_an_exchange_without_bytes()
    {
        var exchange = Assemble(new Conversation().ClientRetransmitsSyn(1000).FailToOpen(1500, 0.5, 111)).Single();

        Assert.Equal(111, exchange.ConnectError);
        Assert.Equal((1, 2, 0L), (exchange.SynRetransmits, exchange.EventCount, exchange.Request.Length));
        Assert.Equal((500_000, 1_500_000_000), (exchange.ConnectStartNs, exchange.ConnectEndNs));
    }

    [Fact]
    public void A_loss_marks_what_was_open_or_began_in_its_interval_and_nothing_after()
    {
        var exchanges = Assemble(new Conversation { WithClient = false }.Open(10, 9).Exchange(20)
            .Loses(25, 35, 7).Exchange(30).Exchange(50).Exchange(60)).OrderBy(x => x.Ordinal).ToList();

        Assert.Equal([false, false, true, true], exchanges.Select(x => x.Complete));
    }

    [Fact]
    public void After_a_loss_an_exchange_is_complete_only_if_no_byte_passed_unseen()
    {
        var conversation = new Conversation { WithClient = false }.Open(10, 9).Exchange(20)
            .Loses(1000, 1020, 7).ClientSends(1009, 100).ServerReads(1010, 60);
        conversation.Events.RemoveAt(conversation.Events.Count - 1); // It was lost.
        var exchanges = Assemble(conversation.ServerReads(1030, 40).ServerSends(1031, 500)
            .Exchange(1040).Loses(2000, 2001, 1).Exchange(2010)).OrderBy(x => x.Ordinal);

        Assert.Equal([true, false, true, true], exchanges.Select(x => x.Complete));
    }

    [Fact]
    public void The_first_exchange_of_an_older_connection_is_not_complete_and_the_next_is()
    {
        var conversation = new Conversation { WithClient = false, ServerRole = SocketRole.Unknown }.Exchange(20).Exchange(30);

        Assert.Equal([false, true], Assemble(conversation).OrderBy(x => x.Ordinal).Select(x => x.Complete));
    }

    [Fact]
    public void The_first_exchange_of_a_socket_that_had_carried_nothing_is_complete_though_its_birth_was_not_seen()
    {
        var conversation = new Conversation { WithClient = false, ServerRole = SocketRole.Passive }.Exchange(20).Exchange(30);

        Assert.Equal([true, true], Assemble(conversation).OrderBy(x => x.Ordinal).Select(x => x.Complete));
    }

    [Fact]
    public void A_port_used_again_is_another_connection()
    {
        var first = new Conversation { WithClient = false }.Open(10, 9).Exchange(20).Close(30);
        var second = new Conversation { WithClient = false }.Open(40, 39).Exchange(50);
        for (var i = 0; i < second.Events.Count; i++)
            second.Events[i] = second.Events[i] with { SocketCookie = 999 };

        var exchanges = Assemble(first.Events.Concat(second.Events));

        Assert.Equal([1, 1], exchanges.Select(x => x.Ordinal));
        Assert.Equal([new ByteRange(0, 100), new ByteRange(0, 100)], exchanges.Select(x => x.Request));
    }

    [Fact]
    public void Sockets_beyond_the_limit_are_counted_and_not_followed()
    {
        var assembler = new ExchangeAssembler(Times, maxSockets: 1);
        var facts = new List<ConnectionFact>();
        foreach (var e in new Conversation().Open(10, 9).Exchange(20).Events)
            assembler.Apply(in e, facts);

        Assert.Equal(1, assembler.Sockets);
        Assert.Equal(3, assembler.Skipped);
        Assert.Single(facts);
    }

    [Fact]
    public void A_closed_connection_is_forgotten()
    {
        var assembler = new ExchangeAssembler(Times, maxSockets: 10);
        foreach (var e in new Conversation().Open(10, 9).Exchange(20).Close(30).Events)
            assembler.Apply(in e, []);

        Assert.Equal(0, assembler.Sockets);
    }

    private static List<Exchange> Assemble(Conversation conversation) => Assemble(conversation.Events);

    private static List<Exchange> Assemble(IEnumerable<KernelEvent> events)
    {
        var assembler = new ExchangeAssembler(Times, maxSockets: 100);
        var facts = new List<ConnectionFact>();
        foreach (var e in events.OrderBy(e => e.Type == KernelEventType.Lost ? e.SinceNs : e.TimestampNs))
            assembler.Apply(in e, facts);
        assembler.Advance(long.MaxValue, facts);
        return [.. facts.OfType<ExchangeSettled>().Select(settled => settled.Traced.Exchange)];
    }
}
