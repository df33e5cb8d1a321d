using System.Runtime.InteropServices;
using CrossLayer.Probe.Native;
using CrossLayer.Probe.Ring;

namespace CrossLayer.Probe.Hooks;

/// <summary>The kernel side, loaded and attached.</summary>
/// <param name="EventsFd">The ring's file descriptor.</param>
/// <param name="StatsFd">The counters' file descriptor.</param>
/// <param name="SettingsFd">The file descriptor of what can be changed.</param>
/// <param name="Options">What they were loaded for.</param>
/// <param name="CanSummarise">They can tell of exchanges in summaries.</param>
/// <param name="Links">What holds each program to its hook, in the order of <see cref="HookSelection.Programs"/>.</param>
/// <param name="Statuses">How each event is seen.</param>
/// <param name="Owners">What programs and maps belong to; released after the links.</param>
internal sealed record LoadedPrograms(
    int EventsFd,
    int StatsFd,
    int SettingsFd,
    ProbeOptions Options,
    bool CanSummarise,
    IReadOnlyList<BpfLink> Links,
    IReadOnlyList<HookStatus> Statuses,
    params IReadOnlyList<SafeHandle> Owners) : IDisposable
{
    /// <summary>A time before anything was attached, CLOCK_MONOTONIC nanoseconds: no event is older.</summary>
    internal required long SinceNs { get; init; }

    /// <summary>Runs that the kernel skipped because it was inside the same program already, over all programs, but for those that a deputy took over.</summary>
    /// <param name="stats">Where the deputies count.</param>
    internal ulong Missed(CpuStats stats)
    {
        // What is skipped and taken over while the programs are asked counts on one side only: they are asked again. A deputy
        // counts behind the kernel, so that the last word, if it comes to that, is too low and not too high.
        const int tries = 4;
        var (missed, deputies) = (0UL, stats.DeputyRuns());
        for (var i = 0; i < tries; i++)
        {
            var before = deputies;
            missed = Skipped();
            deputies = stats.DeputyRuns();
            if (deputies == before)
                break;
        }

        return missed - Math.Min(missed, deputies);
    }

    /// <summary>Runs that the kernel skipped, whether or not a deputy took them over.</summary>
    internal ulong Skipped()
    {
        ulong skipped = 0;
        foreach (var link in Links)
            if (!link.Program.EndsWith(HookLadder.Deputy, StringComparison.Ordinal))
                skipped += ProgramRuns.Of(link.ProgramFd).Missed;
        return skipped;
    }

    /// <summary>Time spent in the programs, in nanoseconds, and their runs, over all of them, while the kernel's statistics were on.</summary>
    internal (ulong TimeNs, ulong Count) Runs()
    {
        var (time, count) = (0UL, 0UL);
        foreach (var link in Links)
        {
            var runs = ProgramRuns.Of(link.ProgramFd);
            time += runs.TimeNs;
            count += runs.Count;
        }

        return (time, count);
    }

    /// <summary>Lets the connections that are there already be reported, those of the caller's network namespace.</summary>
    internal void ReportPresent()
    {
        foreach (var link in Links.Where(link => link.Program == ProgramLoader.Iterator))
            ProgramLoader.Iterate(link);
    }

    /// <summary>Ends all programs; no event is made afterwards.</summary>
    internal void Detach()
    {
        foreach (var link in Links.Reverse())
            link.Handle.Dispose();
    }

    /// <summary>Detaches and frees everything.</summary>
    public void Dispose()
    {
        Detach();
        foreach (var owner in Owners)
            owner.Dispose();
    }
}

/// <summary>One program, attached.</summary>
/// <param name="Program">Its name in the object.</param>
/// <param name="ProgramFd">Its file descriptor, which belongs to an owner.</param>
/// <param name="LinkFd">The link's file descriptor, which belongs to the handle.</param>
/// <param name="Handle">Releasing it detaches the program.</param>
internal sealed record BpfLink(string Program, int ProgramFd, int LinkFd, SafeHandle Handle);
