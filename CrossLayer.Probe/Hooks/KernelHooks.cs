using CrossLayer.Probe.Native;

namespace CrossLayer.Probe.Hooks;

/// <summary>What the running kernel has, by its BTF.</summary>
internal sealed class KernelHooks(Btf kernel) : IKernelHooks
{
    private const string KprobeEvents = "/sys/bus/event_source/devices/kprobe";

    public string? WhyMissing(string section) => section.Split('/') switch
    {
        ["tp_btf" or "raw_tp", var name] => kernel.HasTracepoint(name) ? null : "this kernel has no such tracepoint",
        ["fentry" or "fexit", var name] => kernel.HasFunction(name) ? null : "this kernel has no such function",
        ["kprobe" or "kretprobe", var name] => !kernel.HasFunction(name) ? "this kernel has no such function"
            : Directory.Exists(KprobeEvents) ? null : "this kernel has no kprobes (CONFIG_KPROBES)",
        ["iter", var name] => kernel.HasIterator(name) ? null : "this kernel has no such iterator",
        _ => throw new ProbeException($"unknown kind of hook '{section}'"),
    };

    public int ArgumentsOf(string section) => section.Split('/') switch
    {
        ["tp_btf" or "raw_tp", var name] => kernel.ArgumentsOf($"trace_{name}"),
        [_, var name] => kernel.ArgumentsOf(name),
        _ => throw new ProbeException($"unknown kind of hook '{section}'"),
    };
}
