using CrossLayer.Probe;

namespace CrossLayer.Actors.Tests.Connections;

/// <summary>A socket's states follow each other: one that nobody told of left with something that nobody told of either.</summary>
public class StateChainTests
{
    [Fact]
    public void A_socket_that_ends_in_a_state_which_nobody_told_of_was_reset_unseen_perhaps()
    {
        Assert.False(Complete(Answered(), End(TcpState.Close)));
        Assert.True(Complete(Answered(), Change(TcpState.Established, TcpState.Close), End(TcpState.Close)));
    }

    [Fact]
    public void So_is_one_whose_beginning_was_not_told()
    {
        var unborn = Answered().FindAll(e => e.Type != KernelEventType.Accept);

        Assert.False(Complete(unborn, End(TcpState.Close)));
        Assert.True(Complete(unborn, Change(TcpState.Established, TcpState.Close), End(TcpState.Close)));
    }

    [Fact]
    public void A_link_that_is_missing_within_is_noticed()
    {
        KernelEvent[] all = [Change(TcpState.Established, TcpState.FinWait1), Change(TcpState.FinWait1, TcpState.FinWait2), Change(TcpState.FinWait2, TcpState.Close), End(TcpState.Close)];

        Assert.True(Complete(Answered(), all));
        for (var missing = 0; missing < 3; missing++)
            Assert.False(Complete(Answered(), [.. all.Where((_, i) => i != missing)]));
    }

    [Fact]
    public void Of_an_older_socket_the_state_is_known_as_it_was_found()
    {
        var older = Answered().FindAll(e => e.Type != KernelEventType.Accept);
        older.Insert(0, older[0] with { Type = KernelEventType.State, TimestampNs = 1, Bytes = 0, OldState = TcpState.Established, NewState = TcpState.Established });

        Assert.False(Complete(older, Change(TcpState.CloseWait, TcpState.LastAck), End(TcpState.Close)));
        Assert.True(Complete(older, Change(TcpState.Established, TcpState.Close), End(TcpState.Close)));
    }

    [Fact]
    public void What_tells_of_a_state_while_it_changes_says_nothing()
    {
        var early = Change(TcpState.Established, TcpState.CloseWait) with { Type = KernelEventType.Recv, OldState = TcpState.CloseWait };

        Assert.True(Complete(Answered(), early, Change(TcpState.Established, TcpState.CloseWait), Change(TcpState.CloseWait, TcpState.LastAck),
            Change(TcpState.LastAck, TcpState.Close), End(TcpState.Close)));
    }

    [Fact]
    public void After_a_loss_that_marked_what_was_open_nothing_is_held_against_the_next()
    {
        var c = new Conversation { WithClient = false }.Open(10, 9).Exchange(20).Loses(1000, 1001, 1).Exchange(2000);

        var found = c.Events.Select(e => e.TimestampNs < Conversation.Ns(2000) ? e : e with { OldState = TcpState.CloseWait, NewState = TcpState.CloseWait });

        Assert.True(Exchanges.Of([.. found, Change(TcpState.CloseWait, TcpState.LastAck, atMs: 2005), Change(TcpState.LastAck, TcpState.Close, atMs: 2006), End(TcpState.Close, atMs: 2007)])
            .Single(exchange => exchange.Ordinal == 2).Complete);
    }

    private static List<KernelEvent> Answered() => new Conversation { WithClient = false, ServerRole = SocketRole.Passive }.Open(10, 9).Exchange(20).Events;

    private static bool Complete(List<KernelEvent> events, params KernelEvent[] end)
    {
        for (var i = 0; i < end.Length; i++)
            end[i].TimestampNs += (ulong)i;
        return Assert.Single(Exchanges.Of(events.Concat(end))).Complete;
    }

    private static KernelEvent Change(TcpState from, TcpState to, double atMs = 25) =>
        Answered()[^1] with { Type = KernelEventType.State, TimestampNs = Conversation.Ns(atMs), Bytes = 0, OldState = from, NewState = to };

    private static KernelEvent End(TcpState found, double atMs = 25) => Change(found, found, atMs) with { Type = KernelEventType.Close };
}
