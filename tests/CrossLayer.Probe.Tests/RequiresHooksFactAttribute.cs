using System.Collections.Concurrent;
using CrossLayer.Probe.Hooks;
using CrossLayer.Tests;

namespace CrossLayer.Probe.Tests;

/// <summary>A fact about one kind of hooks: skipped, with the kernel's reason, where they cannot be had.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class RequiresHooksFactAttribute : FactAttribute
{
    public RequiresHooksFactAttribute(HookChoice hooks)
    {
        Hooks = hooks;
        Skip = LoadableHooks.WhyNot(hooks, ProbeMode.Full);
    }

    public HookChoice Hooks { get; }
}

/// <summary>A fact about summaries: skipped, with the reason, where this run's kind of hooks cannot make them.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class RequiresSummariesFactAttribute : FactAttribute
{
    public RequiresSummariesFactAttribute() => Skip = LoadableHooks.WhyNot(Recording.Hooks, ProbeMode.Summary);
}

/// <summary>Which hooks can be loaded here.</summary>
internal static class LoadableHooks
{
    private static readonly ConcurrentDictionary<(HookChoice, ProbeMode), string?> s_missing = new();

    /// <summary>Why they cannot; null if they can.</summary>
    internal static string? WhyNot(HookChoice hooks, ProbeMode mode) =>
        new RequiresKernelFactAttribute().Skip ?? s_missing.GetOrAdd((hooks, mode), key => WhyMissing(key.Item1, key.Item2));

    private static string? WhyMissing(HookChoice hooks, ProbeMode mode)
    {
        try
        {
            ProgramLoader.Load(new ProbeOptions { Hooks = hooks, Mode = mode, RingBytes = (uint)Environment.SystemPageSize }).Dispose();
            return null;
        }
        catch (ProbeUnavailableException e)
        {
            return e.Message;
        }
    }
}
