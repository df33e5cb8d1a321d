namespace CrossLayer.Probe.Hooks;

/// <summary>One way to see a kind of event: programs that are loaded and attached together.</summary>
/// <param name="Kind">The kind of hook.</param>
/// <param name="Programs">Names of its programs in the BPF object.</param>
internal sealed record HookRung(HookKind Kind, params IReadOnlyList<string> Programs)
{
    /// <summary>What it does not tell; null if it tells all.</summary>
    internal string? Limit { get; init; }

    /// <summary>A function that newer kernels have no longer, and whose programs are left out then; null if there is none.</summary>
    internal string? MayLack { get; init; }

    /// <summary>Arguments that its tracepoint must have, and why; null where any number will do.</summary>
    internal (int Arguments, string Otherwise)? Needs { get; init; }

    /// <summary>True if the verifier does not know the types of what its programs read (READ in bpf/reading.h).</summary>
    internal bool CopiesFields => Kind is HookKind.Kprobe or HookKind.RawTracepoint;
}

/// <summary>The ways to see one kind of event, best first.</summary>
/// <param name="Event">The kernel events, in words.</param>
/// <param name="Types">Their types; those that another ladder tells of are not among them.</param>
/// <param name="Need">What becomes of a verdict without them.</param>
/// <param name="Rungs">The ways.</param>
internal sealed record HookLadder(string Event, IReadOnlyList<KernelEventType> Types, HookNeed Need, params IReadOnlyList<HookRung> Rungs)
{
    /// <summary>Those that a choice leaves. An event that the chosen kind cannot tell of keeps what can.</summary>
    internal IReadOnlyList<HookRung> RungsFor(HookChoice choice)
    {
        HookRung[] chosen = choice switch
        {
            HookChoice.Auto => [.. Rungs],
            HookChoice.Fentry => [.. Rungs.Where(rung => rung.Kind == HookKind.Fentry)],
            HookChoice.Kprobe => [.. Rungs.Where(rung => rung.Kind == HookKind.Kprobe)],
            HookChoice.RawTracepoint => [.. Rungs.Where(rung => rung.Kind == HookKind.RawTracepoint)],
            _ => [.. Rungs.Where(rung => rung.Kind is HookKind.TypedTracepoint or HookKind.RawTracepoint)],
        };
        return chosen.Length > 0 ? chosen : Rungs;
    }

    /// <summary>
    /// All of them. A typed tracepoint comes first: it is stable, and costs least. A raw one comes last: a kernel
    /// that has it has the typed one, too.
    /// </summary>
    internal static IReadOnlyList<HookLadder> All { get; } =
    [
        // Of the functions, tcp_set_state and not tcp_v4_connect: it serves IPv6 as well, and tells the outcome.
        new("connect, accept, state", [KernelEventType.Connect, KernelEventType.Accept, KernelEventType.State], HookNeed.Required,
            new HookRung(HookKind.TypedTracepoint, "tp_state", "tp_state" + Deputy),
            new HookRung(HookKind.Fentry, "fentry_state"),
            new HookRung(HookKind.Kprobe, "kprobe_state", "tp_birth"),
            new HookRung(HookKind.RawTracepoint, "raw_state", "tp_birth")),
        new("send", [KernelEventType.Send], HookNeed.Required,
            new HookRung(HookKind.TypedTracepoint, "tp_send"),
            new HookRung(HookKind.Fentry, "fexit_send", "fexit_sendpage") { MayLack = "tcp_sendpage" },
            new HookRung(HookKind.Kprobe, "kprobe_send", "kretprobe_send", "kprobe_sendpage", "kretprobe_sendpage") { MayLack = "tcp_sendpage" },
            new HookRung(HookKind.RawTracepoint, "raw_send")),
        new("recv", [KernelEventType.Recv], HookNeed.Required,
            new HookRung(HookKind.TypedTracepoint, "tp_recv"),
            new HookRung(HookKind.Fentry, "fexit_recv"),
            new HookRung(HookKind.Kprobe, "kprobe_recv", "kretprobe_recv"),
            new HookRung(HookKind.RawTracepoint, "raw_recv")),
        new("close", [KernelEventType.Close], HookNeed.Required,
            new HookRung(HookKind.TypedTracepoint, "tp_destroy", "tp_destroy" + Deputy),
            new HookRung(HookKind.Fentry, "fentry_destroy"),
            new HookRung(HookKind.Kprobe, "kprobe_destroy"),
            new HookRung(HookKind.RawTracepoint, "raw_destroy")),
        new("acked", [KernelEventType.Acked], HookNeed.Verdict,
            new HookRung(HookKind.TypedTracepoint, "tp_segment", "tp_segment" + Deputy),
            new HookRung(HookKind.Fentry, "fentry_segment"),
            new HookRung(HookKind.Kprobe, "kprobe_segment"),
            new HookRung(HookKind.RawTracepoint, "raw_segment")),
        new("retransmit", [KernelEventType.Retransmit], HookNeed.Verdict,
            new HookRung(HookKind.TypedTracepoint, "tp_retransmit", "tp_retransmit" + Deputy),
            new HookRung(HookKind.Fentry, "fexit_retrans", "fexit_retrans_2"),
            new HookRung(HookKind.Kprobe, "kprobe_retrans", "kretprobe_retrans", "kprobe_retrans_2", "kretprobe_retrans_2"),
            new HookRung(HookKind.RawTracepoint, "raw_retransmit")),
        new("synack_retransmit", [KernelEventType.SynackRetransmit], HookNeed.Detail,
            new HookRung(HookKind.TypedTracepoint, "tp_synack", "tp_synack" + Deputy),
            new HookRung(HookKind.Fentry, "fexit_synack"),
            new HookRung(HookKind.Kprobe, "kprobe_synack", "kretprobe_synack"),
            new HookRung(HookKind.RawTracepoint, "raw_synack")),
        new("reset_sent", [KernelEventType.ResetSent], HookNeed.Verdict,
            new HookRung(HookKind.TypedTracepoint, "tp_reset_sent", "tp_reset_sent" + Deputy) { Needs = (3, SocketlessResets) },
            new HookRung(HookKind.Fentry, "fentry_reset", "fentry_reset_v4", "fentry_reset_v6"),
            new HookRung(HookKind.Kprobe, "kprobe_reset", "kprobe_reset_v4", "kprobe_reset_v6"),
            new HookRung(HookKind.RawTracepoint, "raw_reset_sent") { Needs = (3, SocketlessResets) },
            new HookRung(HookKind.TypedTracepoint, "tp_reset_sent", "tp_reset_sent" + Deputy) { Limit = SocketlessResets },
            new HookRung(HookKind.RawTracepoint, "raw_reset_sent") { Limit = SocketlessResets }),
        new("reset_received", [KernelEventType.ResetReceived], HookNeed.Verdict,
            new HookRung(HookKind.TypedTracepoint, "tp_reset_recv", "tp_reset_recv" + Deputy),
            new HookRung(HookKind.Fentry, "fentry_reset_recv"),
            new HookRung(HookKind.Kprobe, "kprobe_reset_recv"),
            new HookRung(HookKind.RawTracepoint, "raw_reset_recv")),
        // No function: kfree_skb_reason is called for packets that somebody still holds, and has had three names.
        new("drop", [KernelEventType.Drop], HookNeed.Detail,
            new HookRung(HookKind.TypedTracepoint, "tp_drop", "tp_drop" + Deputy),
            new HookRung(HookKind.RawTracepoint, "raw_drop")),
        new("state of older connections", [], HookNeed.Detail,
            new HookRung(HookKind.Iterator, "iter_present")),
    ];

    /// <summary>How the name of a program ends that runs where another is engaged (bpf/deputies.h).</summary>
    internal const string Deputy = "_deputy";

    private const string SocketlessResets = "before Linux 6.10 it does not tell of resets that answer a packet without a socket";
}
