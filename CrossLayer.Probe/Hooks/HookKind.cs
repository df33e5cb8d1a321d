namespace CrossLayer.Probe.Hooks;

/// <summary>By what means a program is called.</summary>
public enum HookKind
{
    /// <summary>A tracepoint whose arguments' types the verifier knows (<c>tp_btf</c>).</summary>
    TypedTracepoint,

    /// <summary>A tracepoint with untyped arguments (<c>raw_tp</c>): each field is copied by a helper.</summary>
    RawTracepoint,

    /// <summary>Entry or return of a kernel function through a BPF trampoline (<c>fentry</c>, <c>fexit</c>).</summary>
    Fentry,

    /// <summary>Entry or return of a kernel function through a breakpoint or ftrace (<c>kprobe</c>, <c>kretprobe</c>).</summary>
    Kprobe,

    /// <summary>A walk over the sockets that are there (<c>iter</c>).</summary>
    Iterator,
}

/// <summary>Which kinds of hooks the probe may use (<c>--hooks</c>).</summary>
public enum HookChoice
{
    /// <summary>For each event the best that this kernel offers and allows.</summary>
    Auto,

    /// <summary>fentry and fexit, or nothing.</summary>
    Fentry,

    /// <summary>kprobes and kretprobes, or nothing.</summary>
    Kprobe,

    /// <summary>Tracepoints, typed or else raw, or nothing.</summary>
    Tracepoint,

    /// <summary>Raw tracepoints, or nothing.</summary>
    RawTracepoint,
}

/// <summary>What becomes of a verdict without an event.</summary>
public enum HookNeed
{
    /// <summary>Without it there is no evidence at all: the probe does not start.</summary>
    Required,

    /// <summary>Without it a fault could pass unseen: nothing is called healthy.</summary>
    Verdict,

    /// <summary>It names a cause; what it causes is seen by other events.</summary>
    Detail,
}
