using CrossLayer.Probe.Native;

namespace CrossLayer.Probe.Hooks;

/// <summary>The kernel side, loaded and attached.</summary>
/// <param name="Object">The object; it owns the programs and the maps.</param>
/// <param name="Links">What holds each program to its hook.</param>
/// <param name="Statuses">How each event is seen.</param>
/// <param name="Reasons">What this kernel calls its reasons.</param>
internal sealed record LoadedPrograms(
    BpfObjectHandle Object, IReadOnlyList<BpfLink> Links, IReadOnlyList<HookStatus> Statuses, ReasonNames Reasons) : IDisposable
{
    /// <summary>Runs that the kernel skipped because it was inside the same program already, over all programs.</summary>
    internal ulong Missed()
    {
        ulong missed = 0;
        foreach (var link in Links)
            missed += ProgramRuns.Of(link.ProgramFd).Missed;
        return missed;
    }

    /// <summary>Ends all programs; no event is made afterwards.</summary>
    internal void Detach()
    {
        foreach (var link in Links)
            link.Handle.Dispose();
    }

    /// <summary>Detaches and frees everything.</summary>
    public void Dispose()
    {
        Detach();
        Object.Dispose();
    }
}

/// <summary>One program, attached.</summary>
/// <param name="Program">Its name in the object.</param>
/// <param name="ProgramFd">Its file descriptor, which belongs to the object.</param>
/// <param name="Handle">Releasing it detaches the program.</param>
internal sealed record BpfLink(string Program, int ProgramFd, BpfLinkHandle Handle);
