using CrossLayer.Probe;
using CrossLayer.Probe.Hooks;

namespace CrossLayer.Tests;

/// <summary>The running kernel, as if it had nothing to attach to for one type of events.</summary>
internal sealed class HiddenHooks(IKernelHooks kernel, KernelEventType type) : IKernelHooks
{
    private readonly HashSet<string> _hidden = SectionsOf(type);

    /// <summary>What a probe without these events is started with.</summary>
    internal static ProbeOptions Hide(ProbeOptions options, KernelEventType type) =>
        options with { Kernel = kernel => new HiddenHooks(kernel, type) };

    public string? WhyMissing(string section) => _hidden.Contains(section) ? "hidden by a test" : kernel.WhyMissing(section);

    public int ArgumentsOf(string section) => kernel.ArgumentsOf(section);

    private static HashSet<string> SectionsOf(KernelEventType type)
    {
        using var obj = ProgramLoader.Open();
        var sections = ProgramLoader.Sections(obj);
        return [.. HookLadder.All.Where(ladder => ladder.Types.Contains(type)).SelectMany(ladder => ladder.Rungs)
            .SelectMany(rung => rung.Programs).Select(program => sections[program])];
    }
}
