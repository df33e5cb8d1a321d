using CrossLayer.Actors.Correlations;
using CrossLayer.Probe;
using static CrossLayer.Actors.Tests.PlainPipeline;

namespace CrossLayer.Actors.Tests.Diagnosis;

public class ClientLeftTests
{
    [Fact]
    public void A_client_that_had_closed_before_the_answer_was_written_is_no_discrepancy()
    {
        Assert.Equal(Finding.Healthy, FindingWhere(clientClosesMs: 22, serverAnswersMs: 30));
    }

    [Fact]
    public void A_client_that_closes_after_the_answer_was_written_left_it_unread()
    {
        Assert.Equal(Cause.UnreadClose, FindingWhere(clientClosesMs: 32, serverAnswersMs: 30).Cause);
    }

    [Fact]
    public void An_answer_that_waits_unread_at_the_close_had_been_written_whenever_the_servers_host_tells_of_it()
    {
        // The hook tells of a send as it returns: the answer may have come, and the client have closed, before that.
        Assert.Equal(Cause.UnreadClose, FindingWhere(clientClosesMs: 29.99, serverAnswersMs: 30, unread: true).Cause);
    }

    private static Finding FindingWhere(double clientClosesMs, double serverAnswersMs) =>
        FindingWhere(clientClosesMs, serverAnswersMs, unread: clientClosesMs > serverAnswersMs);

    private static Finding FindingWhere(double clientClosesMs, double serverAnswersMs, bool unread)
    {
        var c = new Conversation().Open(10, 9).ClientSends(20, 100).ServerReads(25, 100).ServerSends(serverAnswersMs, 500, acked: unread);
        Add(c, Conversation.ClientCookie, clientClosesMs, KernelEventType.Close, unread ? 500ul : 0);
        Add(c, Conversation.ServerCookie, Math.Max(clientClosesMs, serverAnswersMs) + 1, KernelEventType.ResetReceived);
        Add(c, Conversation.ServerCookie, 40, KernelEventType.Close);
        return Assert.Single(Run(c, c.ServerRecord(1, 25, 6))).Finding;
    }

    private static void Add(Conversation c, ulong cookie, double atMs, KernelEventType type, ulong received = 0)
    {
        var last = c.Events.Last(e => e.SocketCookie == cookie);
        c.Events.Add(last with { Type = type, TimestampNs = Conversation.Ns(atMs), Bytes = 0, Received = Math.Max(last.Received, received) });
    }
}
