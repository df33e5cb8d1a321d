using CrossLayer.Host.Lab;
using CrossLayer.Probe;

namespace CrossLayer.Host.Experiments;

/// <summary>Which part of an experiment is run.</summary>
[Flags]
internal enum ExperimentPhases
{
    /// <summary>Ordinary traffic without the probe, and what the probe costs.</summary>
    Baseline = 1,

    /// <summary>Ordinary traffic with the probe.</summary>
    CrossLayer = 2,

    /// <summary>Detectors over what was recorded.</summary>
    Comparison = 4,

    /// <summary>Faults and negatives, with the probe.</summary>
    Scenarios = 8,

    /// <summary>All of it.</summary>
    All = Baseline | CrossLayer | Comparison | Scenarios,
}

/// <summary>How far an experiment is.</summary>
/// <param name="Done">Steps done, those of earlier runs included.</param>
/// <param name="Steps">Steps in all.</param>
/// <param name="What">What is done now; nothing of what is injected.</param>
internal readonly record struct ExperimentProgress(int Done, int Steps, string What);

/// <summary>Runs what of a plan is not yet done. Each step leaves its files whole, or none: a run that was ended goes on where it was.</summary>
internal sealed class ExperimentRun(ExperimentPlan plan, ExperimentFolder folder, Action<ExperimentProgress> progress)
{
    private int _done;
    private int _steps;

    /// <summary>Runs the phases that are recorded.</summary>
    /// <exception cref="LabException">There can be no lab here, or a fault could not be injected.</exception>
    /// <exception cref="ProbeUnavailableException">There is no kernel evidence to be had.</exception>
    public async Task RunAsync(ExperimentPhases phases, CancellationToken cancellation)
    {
        var pairs = phases.HasFlag(ExperimentPhases.Baseline) ? Enumerable.Range(1, plan.CostPairs).ToList() : [];
        var baseline = phases.HasFlag(ExperimentPhases.Baseline) ? plan.Baseline : [];
        var probed = plan.Probed.Where(episode => phases.HasFlag(
            episode.Kind is EpisodeKind.Benign or EpisodeKind.Control ? ExperimentPhases.CrossLayer : ExperimentPhases.Scenarios)).ToList();
        _steps = pairs.Count + baseline.Count + probed.Count;
        pairs.RemoveAll(pair => Skip(pair <= CostPairsDone()));
        var recorded = baseline.Where(episode => !Skip(Directory.Exists(Path.Combine(folder.Baseline, episode.Name)))).ToList();
        probed.RemoveAll(episode => Skip(File.Exists(folder.LabelOf(episode.Name))));
        if (pairs.Count + recorded.Count + probed.Count == 0)
            return;

        progress(new ExperimentProgress(_done, _steps, "making the lab"));
        await using var session = await LabSession.StartAsync(cancellation);
        foreach (var pair in pairs)
            await MeasureAsync(session, pair, cancellation);
        foreach (var episode in recorded)
        {
            Tell($"baseline {episode.Name}");
            await new EpisodeRun(session, null).RunAsync(episode, Path.Combine(folder.Baseline, episode.Name), cancellation);
            _done++;
        }

        if (probed.Count == 0)
            return;
        await using var recorder = Record(session);
        foreach (var episode in probed)
        {
            Tell($"episode {episode.Name}");
            var label = await new EpisodeRun(session, recorder).RunAsync(episode, Path.Combine(folder.CrossLayer, episode.Name), cancellation);
            label.Write(folder.LabelOf(episode.Name));
            _done++;
        }

        Tell("done");
    }

    private static EventRecorder Record(LabSession session) => new(KernelProbe.Start(new ProbeOptions { Filter = new ProbeFilter { Ports = LabSession.Ports } }), session.Ends());

    /// <summary>With the probe and without it, in random order, one behind the other.</summary>
    private async Task MeasureAsync(LabSession session, int pair, CancellationToken cancellation)
    {
        Tell($"cost of the probe, pair {pair}");
        var random = new Random(HashCode.Combine(plan.Seed, pair));
        var lines = new List<string>();
        bool[] both = [true, false];
        random.Shuffle(both);
        foreach (var probe in both)
        {
            await using var recorder = probe ? Record(session) : null;
            foreach (var saturated in (bool[])[false, true])
            {
                lines.Add((await CostMeter.MeasureAsync(session, pair, probe, saturated, plan.Seed + pair, cancellation)).ToLine());
                if (recorder is not null)
                    await recorder.TakeAsync(cancellation);
            }
        }

        await File.AppendAllLinesAsync(folder.Costs, lines, CancellationToken.None);
        _done++;
    }

    private int CostPairsDone() => File.Exists(folder.Costs) ? File.ReadLines(folder.Costs).Count() / 4 : 0;

    private bool Skip(bool isDone)
    {
        _done += isDone ? 1 : 0;
        return isDone;
    }

    private void Tell(string what) => progress(new ExperimentProgress(_done, _steps, what));
}
