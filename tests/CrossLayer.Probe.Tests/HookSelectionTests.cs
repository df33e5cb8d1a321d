using CrossLayer.Probe.Hooks;

namespace CrossLayer.Probe.Tests;

/// <summary>Which rung each ladder takes, on kernels that are not here.</summary>
public sealed class HookSelectionTests
{
    [Fact]
    public void A_kernel_that_has_everything_gets_its_typed_tracepoints()
    {
        var selection = Select(HookChoice.Auto, new FakeKernel());

        Assert.All(selection.Statuses, status => Assert.True(status.Kind is HookKind.TypedTracepoint or HookKind.Iterator, status.ToString()));
        Assert.All(selection.Statuses, status => Assert.Empty(status.Refused));
        Assert.False(selection.CopiesFields);
        Assert.False(selection.NotesCalls);
    }

    [Fact]
    public void A_tracepoint_that_is_not_there_is_replaced_by_the_function_that_it_stands_in()
    {
        var selection = Select(HookChoice.Auto, new FakeKernel { Missing = ["sock_send_length", "sock_recv_length"] });

        var send = selection.Statuses.Single(status => status.Event == "send");
        Assert.Equal(["fexit/tcp_sendmsg", "fexit/tcp_sendpage"], send.Hooks);
        Assert.Equal("tp_btf/sock_send_length: not there", Assert.Single(send.Refused).ToString());
        Assert.False(selection.CopiesFields);
    }

    [Fact]
    public void A_refused_program_takes_its_event_one_rung_down_and_no_other()
    {
        var selection = Select(HookChoice.Auto, new FakeKernel { Missing = ["sock_send_length", "sock_recv_length"] });

        selection.Refuse("fexit_send", "the verifier says no");

        var send = selection.Statuses.Single(status => status.Event == "send");
        Assert.Equal(HookKind.Kprobe, send.Kind);
        Assert.Equal("fexit/tcp_sendmsg: the verifier says no", send.Refused[1].ToString());
        Assert.Equal(HookKind.Fentry, selection.Statuses.Single(status => status.Event == "recv").Kind);
        Assert.True(selection.CopiesFields);
        Assert.True(selection.NotesCalls);
    }

    [Fact]
    public void A_function_beside_the_main_one_may_be_missing()
    {
        var selection = Select(HookChoice.Kprobe, new FakeKernel { Missing = ["tcp_sendpage"] });

        Assert.Equal(["kprobe/tcp_sendmsg", "kretprobe/tcp_sendmsg"], selection.Statuses.Single(status => status.Event == "send").Hooks);
    }

    [Theory]
    [InlineData(HookChoice.Kprobe, "kprobe_send", "kretprobe_send")]
    [InlineData(HookChoice.Auto, "tp_state", "tp_state_deputy")]
    public void What_completes_another_program_is_attached_before_it(HookChoice choice, string program, string completing)
    {
        var programs = Select(choice, new FakeKernel()).Programs.ToList();

        Assert.Contains(completing, programs);
        Assert.True(programs.IndexOf(completing) < programs.IndexOf(program));
    }

    [Fact]
    public void A_tracepoint_that_tells_too_little_comes_after_the_functions_and_says_so()
    {
        var old = new FakeKernel { Arguments = 2 };

        var best = Select(HookChoice.Auto, old).Statuses.Single(status => status.Event == "reset_sent");
        var tracepoint = Select(HookChoice.Tracepoint, old).Statuses.Single(status => status.Event == "reset_sent");

        Assert.Equal((HookKind.Fentry, (string?)null), (best.Kind, best.Limit));
        Assert.Equal(HookKind.TypedTracepoint, tracepoint.Kind);
        Assert.NotNull(tracepoint.Limit);
    }

    [Theory]
    [InlineData(HookChoice.Fentry, HookKind.Fentry)]
    [InlineData(HookChoice.Kprobe, HookKind.Kprobe)]
    [InlineData(HookChoice.Tracepoint, HookKind.TypedTracepoint)]
    [InlineData(HookChoice.RawTracepoint, HookKind.RawTracepoint)]
    public void A_choice_is_kept_to_wherever_an_event_has_such_a_hook(HookChoice choice, HookKind kind)
    {
        var statuses = Select(choice, new FakeKernel()).Statuses;

        Assert.All(statuses.Where(status => status.Event is not ("drop" or "state of older connections")), status => Assert.Equal(kind, status.Kind));
    }

    [Fact]
    public void An_optional_event_without_any_hook_is_missing_with_every_reason()
    {
        var status = Select(HookChoice.Auto, new FakeKernel { Missing = ["tcp_probe", "tcp_rcv_established"] }).Statuses.Single(status => status.Event == "acked");

        Assert.Null(status.Kind);
        Assert.Empty(status.Hooks);
        Assert.Equal("tp_btf/tcp_probe: not there; fentry/tcp_rcv_established: not there; kprobe/tcp_rcv_established: not there; raw_tp/tcp_probe: not there", status.Missing);
    }

    [Fact]
    public void A_required_event_without_any_hook_is_the_end_with_every_reason()
    {
        var failure = Assert.Throws<ProbeUnavailableException>(() => Select(HookChoice.Tracepoint, new FakeKernel { Missing = ["sock_recv_length"] }));

        Assert.Equal("cannot see recv with the hooks asked for: tp_btf/sock_recv_length: not there; raw_tp/sock_recv_length: not there", failure.Message);
    }

    private static HookSelection Select(HookChoice choice, IKernelHooks kernel)
    {
        using var obj = ProgramLoader.Open();
        return new HookSelection(choice, kernel, ProgramLoader.Sections(obj));
    }

    private sealed class FakeKernel : IKernelHooks
    {
        public string[] Missing { get; init; } = [];

        public int Arguments { get; init; } = 3;

        public string? WhyMissing(string section) => Missing.Contains(section.Split('/')[1]) ? "not there" : null;

        public int ArgumentsOf(string section) => Arguments;
    }
}
