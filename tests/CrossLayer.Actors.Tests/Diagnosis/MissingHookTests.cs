using CrossLayer.Actors.Correlations;
using CrossLayer.Actors.Requests;
using CrossLayer.Probe;
using static CrossLayer.Actors.Tests.PlainPipeline;

namespace CrossLayer.Actors.Tests.Diagnosis;

/// <summary>A kernel feature that is missing makes requests inconclusive, never healthy.</summary>
public class MissingHookTests
{
    private const string NoAcks = "this kernel's hooks do not tell of acked events, or not of all";

    [Fact]
    public void Every_request_is_inconclusive_and_names_the_events_that_are_not_told()
    {
        var c = new Conversation().Open(10, 9).Exchange(20).Exchange(40);
        var refused = new Conversation(clientPort: 50000).FailToOpen(60, 59, 111);
        var unseen = new Conversation(clientPort: 60000);

        var correlations = Run(Without(KernelEventType.Acked, 1).Concat(c.Events).Concat(refused.Events), c.ClientRecord(1, 19, 6), c.ClientRecord(2, 39, 700),
            refused.ClientRecord(3, 59, 1, RequestResult.Refused), unseen.ClientRecord(4, 30, 6));

        Assert.Equal(4, correlations.Count);
        Assert.All(correlations, x => Assert.Equal((Verdict.Inconclusive, NoAcks, false), (x.Finding.Verdict, x.Finding.Reason, x.EvidenceComplete)));
    }

    [Fact]
    public void Several_missing_types_are_all_named_in_the_order_of_their_numbers()
    {
        var c = new Conversation().Open(10, 9).Exchange(20);

        var correlation = Assert.Single(Run(
            Without(KernelEventType.ResetReceived, 2).Concat(Without(KernelEventType.Retransmit, 1)).Concat(c.Events), c.ClientRecord(1, 19, 6)));

        Assert.Equal("this kernel's hooks do not tell of retransmit and reset_received events, or not of all", correlation.Finding.Reason);
    }

    [Fact]
    public void What_was_over_before_the_hooks_were_missing_keeps_its_verdict()
    {
        var c = new Conversation().Open(10, 9).Exchange(20).Exchange(9000);

        var correlations = Run(c.Events.Concat(Without(KernelEventType.Acked, 8000)), c.ClientRecord(1, 19, 6), c.ClientRecord(2, 8999, 6));

        Assert.Equal([Verdict.Healthy, Verdict.Inconclusive], correlations.Select(x => x.Finding.Verdict));
        Assert.True(correlations[0].EvidenceComplete);
    }

    [Fact]
    public void A_missing_hook_is_no_sign_that_the_kernel_was_watched()
    {
        var coverage = new Actors.Graph.EventOrder(1);

        using var batch = Assert.Single(coverage.Apply(new Actors.Graph.KernelInput(new KernelEventBatch([.. Without(KernelEventType.Acked, 1)], 5_000_000))));

        Assert.Equal(long.MaxValue, batch.Coverage.StartNs);
        Assert.Equal(0, batch.Events.Length);
        Assert.Equal(NoAcks, batch.Coverage.Gap(2_000_000, 3_000_000));
        Assert.Null((batch.Coverage with { StartNs = 0 }).Gap(0, 999_999));
    }

    internal static IEnumerable<KernelEvent> Without(KernelEventType type, double sinceMs) =>
        [new KernelEvent { Type = KernelEventType.Missing, MissingType = type, TimestampNs = Conversation.Ns(sinceMs) }];
}
