using System.Collections.Concurrent;
using CrossLayer.Probe.Hooks;
using CrossLayer.Tests;

namespace CrossLayer.Probe.Tests;

/// <summary>A fact about one kind of hooks: skipped, with the kernel's reason, where they cannot be had.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class RequiresHooksFactAttribute : FactAttribute
{
    private static readonly ConcurrentDictionary<HookChoice, string?> s_missing = new();

    public RequiresHooksFactAttribute(HookChoice hooks)
    {
        Hooks = hooks;
        Skip = new RequiresKernelFactAttribute().Skip ?? s_missing.GetOrAdd(hooks, WhyMissing);
    }

    public HookChoice Hooks { get; }

    private static string? WhyMissing(HookChoice hooks)
    {
        try
        {
            ProgramLoader.Load(new ProbeOptions { Hooks = hooks, RingBytes = (uint)Environment.SystemPageSize }).Dispose();
            return null;
        }
        catch (ProbeUnavailableException e)
        {
            return e.Message;
        }
    }
}
