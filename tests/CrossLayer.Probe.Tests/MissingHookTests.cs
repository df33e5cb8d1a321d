using System.Text.Json;
using CrossLayer.Probe.Hooks;
using CrossLayer.Tests;

namespace CrossLayer.Probe.Tests;

/// <summary>Events that a verdict needs and that the hooks do not tell of.</summary>
public sealed class MissingHookTests
{
    [Theory]
    [InlineData(KernelEventType.Acked, true)]
    [InlineData(KernelEventType.Retransmit, true)]
    [InlineData(KernelEventType.ResetReceived, true)]
    [InlineData(KernelEventType.Drop, false)]
    [InlineData(KernelEventType.SynackRetransmit, false)]
    public void What_a_kernel_lacks_in_every_form_is_missing_where_a_verdict_needs_it(KernelEventType type, bool needed)
    {
        var statuses = Select(new HiddenHooks(new FullKernel(), type));

        var status = Assert.Single(statuses, status => status.Types.Contains(type));
        Assert.Contains("hidden by a test", status.Missing, StringComparison.Ordinal);
        Assert.Equal(needed ? [type] : [], statuses.SelectMany(each => each.MissingTypes));
    }

    [Fact]
    public void A_hook_that_does_not_tell_of_all_events_counts_as_missing()
    {
        // Before Linux 6.10, without trampolines and kprobes: the tracepoint has two arguments, and does not tell of resets without a socket.
        var statuses = Select(new FullKernel { Arguments = 2, OnlyTracepoints = true });

        Assert.NotNull(Assert.Single(statuses, status => status.Event == "reset_sent").Limit);
        Assert.Equal([KernelEventType.ResetSent], statuses.SelectMany(status => status.MissingTypes));
    }

    [Fact]
    public void With_all_hooks_nothing_is_missing() => Assert.Empty(Select(new FullKernel()).SelectMany(status => status.MissingTypes));

    [Fact]
    public void Every_type_that_the_kernel_side_makes_is_told_by_one_ladder() =>
        Assert.Equal(
            Enum.GetValues<KernelEventType>().Except([KernelEventType.None, KernelEventType.Lost, KernelEventType.Missing]),
            HookLadder.All.SelectMany(ladder => ladder.Types).Order());

    [Fact]
    public void What_is_missing_survives_the_way_into_a_process_without_privileges()
    {
        var statuses = Select(new HiddenHooks(new FullKernel(), KernelEventType.Acked));

        var received = JsonSerializer.Deserialize<IReadOnlyList<HookStatus>>(JsonSerializer.Serialize(statuses))!;

        Assert.Equal([KernelEventType.Acked], received.SelectMany(status => status.MissingTypes));
    }

    [RequiresKernelFact]
    public async Task A_missing_hook_is_told_before_any_other_event_and_counts_neither_as_made_nor_as_read()
    {
        using var loopback = Loopback.IPv4();
        await using var recording = Recording.Start(HiddenHooks.Hide(loopback.Options, KernelEventType.Acked));
        loopback.Run(101, 103);
        recording.WaitFor(2, KernelEventType.Close);

        var events = await recording.StopWithoutLossAsync();

        Assert.Equal((KernelEventType.Missing, KernelEventType.Acked), (events[0].Type, events[0].MissingType));
        Assert.True(events[0].TimestampNs < events.Skip(1).Min(e => e.TimestampNs));
        Assert.DoesNotContain(events, e => e.Type == KernelEventType.Acked);
        Assert.Single(events, e => e.Type == KernelEventType.Missing);
    }

    private static IReadOnlyList<HookStatus> Select(IKernelHooks kernel)
    {
        using var obj = ProgramLoader.Open();
        return new HookSelection(HookChoice.Auto, kernel, ProgramLoader.Sections(obj)).Statuses;
    }

    private sealed class FullKernel : IKernelHooks
    {
        internal int Arguments { get; init; } = 9;

        internal bool OnlyTracepoints { get; init; }

        public string? WhyMissing(string section) =>
            OnlyTracepoints && section.Split('/')[0] is not ("tp_btf" or "raw_tp" or "iter") ? "not in this test" : null;

        public int ArgumentsOf(string section) => Arguments;
    }
}
