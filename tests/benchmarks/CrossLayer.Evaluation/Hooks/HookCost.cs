using CrossLayer.Probe;
using CrossLayer.Probe.Hooks;
using CrossLayer.Probe.Native;
using CrossLayer.Probe.Ring;
using Microsoft.Win32.SafeHandles;

namespace CrossLayer.Evaluation.Hooks;

/// <summary>What one kind of hooks cost over some traffic.</summary>
/// <param name="Choice">The hooks.</param>
/// <param name="Programs">Where each program is attached, and its runs as the kernel counts them.</param>
/// <param name="Counters">What became of the events.</param>
/// <param name="NsPerRequest">Time in all programs for a request.</param>
/// <param name="Slowdown">The traffic's time with the probe, divided by its time without; both in this run, the median of pairs.</param>
internal sealed record HookCost(
    HookChoice Choice, IReadOnlyList<(string Hook, ProgramRuns Runs)> Programs, ProbeCounters Counters, double NsPerRequest, double Slowdown)
{
    private const int RunTimeStatistics = 0; // BPF_STATS_RUN_TIME
    private const int Pairs = 5;

    /// <exception cref="ProbeUnavailableException">This kernel does not have or allow them.</exception>
    internal static HookCost Measure(HookChoice choice, int requests)
    {
        // Without statistics, which cost time themselves; each pair back to back.
        var ratios = new List<double>();
        for (var i = 0; i < Pairs; i++)
        {
            var without = HookTraffic.Run(requests / Pairs);
            ratios.Add(Probe(choice, requests / Pairs, out _, out _) / without);
        }

        using var statistics = new SafeFileHandle(LibBpf.bpf_enable_stats(RunTimeStatistics), ownsHandle: true);
        if (statistics.IsInvalid)
            throw new ProbeException("the kernel keeps no statistics of BPF programs (BPF_ENABLE_STATS)");
        Probe(choice, requests, out var programs, out var counters);
        return new HookCost(choice, programs, counters, programs.Sum(program => (double)program.Runs.TimeNs) / requests, ratios.Order().ElementAt(Pairs / 2));
    }

    private static double Probe(HookChoice choice, int requests, out List<(string Hook, ProgramRuns Runs)> programs, out ProbeCounters counters)
    {
        var probe = KernelProbe.Start(new ProbeOptions { Hooks = choice });
        var reading = Task.Run(async () =>
        {
            await foreach (var batch in probe.Batches.ReadAllAsync())
                batch.Dispose();
        });
        var seconds = HookTraffic.Run(requests);
        using (var obj = ProgramLoader.Open())
        {
            var sections = ProgramLoader.Sections(obj);
            programs = [.. probe.Programs.Links.Select(link => (sections[link.Program], ProgramRuns.Of(link.ProgramFd)))];
        }

        probe.StopAsync().GetAwaiter().GetResult();
        reading.GetAwaiter().GetResult();
        counters = probe.Counters;
        return seconds;
    }
}
