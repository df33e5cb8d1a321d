using CrossLayer.Host.Analysis.Measures;
using CrossLayer.Host.Experiments;
using CrossLayer.Host.Files;

namespace CrossLayer.Host.Analysis.Output;

/// <summary>Labels and decisions as tables, for notebooks: <c>requests.csv</c> and <c>episodes.csv</c>.</summary>
internal static class ScoreTables
{
    private static readonly EnumNames<Outcome> Outcomes = new();
    private static readonly EnumNames<InjectionFate> Fates = new();

    /// <summary>A line for each request, with columns for each detector.</summary>
    public static void WriteRequests(TextWriter writer, ScoredExperiment experiment, CancellationToken cancellation)
    {
        var line = new CsvLine();
        foreach (var name in (string[])["episode", "kind", "scenario", "request_id", "route", "start_unix_ns", "latency_ms", "outcome", "armed", "touched", "impacted"])
            line.Add(name);
        foreach (var detector in experiment.Detectors)
            foreach (var figure in (string[])["alarm", "abstained", "score", "at_unix_ns", "cause"])
                line.Add($"{detector.Name}_{figure}");
        line.WriteTo(writer);
        foreach (var episode in experiment.Episodes.Select(scored => new TestedEpisode(scored)))
        {
            cancellation.ThrowIfCancellationRequested();
            foreach (var request in episode.Requests)
            {
                var label = request.Label;
                line.Add(episode.Label.Episode).Add(TestedEpisode.Name(episode.Kind)).Add(episode.Scenario).Add(label.RequestId).Add(label.Route)
                    .Add(label.StartUnixNs).Add(label.LatencyMs).Add(Outcomes[label.Outcome].Value).Add(label.Armed).Add(label.Touched).Add(request.Impacted);
                foreach (var decision in request.Decisions)
                    line.Add(decision.Alarm).Add(decision.Abstained).Add(decision.Score).Add(decision.AtUnixNs == 0 ? null : decision.AtUnixNs)
                        .Add(decision.Cause is { } cause ? CorrelationNames.Causes[cause].Value : null);
                line.WriteTo(writer);
            }
        }
    }

    /// <summary>A line for each episode, with columns for each detector.</summary>
    public static void WriteEpisodes(TextWriter writer, ScoredExperiment experiment)
    {
        var line = new CsvLine();
        foreach (var name in (string[])["episode", "kind", "scenario", "intensity", "causes", "injection", "requests", "touched", "impacted", "first_impact_unix_ns", "end_unix_ns"])
            line.Add(name);
        foreach (var detector in experiment.Detectors)
            foreach (var figure in (string[])["detected", "delay_ms", "alarms", "false_alarms", "causes"])
                line.Add($"{detector.Name}_{figure}");
        line.WriteTo(writer);
        foreach (var episode in experiment.Episodes.Select(scored => new TestedEpisode(scored)))
        {
            var start = Delay.FirstImpactUnixNs(episode);
            line.Add(episode.Label.Episode).Add(TestedEpisode.Name(episode.Kind)).Add(episode.Scenario)
                .Add(string.Join('+', episode.Label.Faults.Select(fault => Intensities[fault.Intensity].Value)))
                .Add(string.Join('+', episode.Causes.Select(cause => CorrelationNames.Causes[cause].Value))).Add(Fates[episode.Fate].Value)
                .Add(episode.Requests.Count).Add(episode.Requests.LongCount(TestedEpisode.IsTouched)).Add(episode.Requests.LongCount(TestedEpisode.IsImpacted))
                .Add(start).Add(episode.EndUnixNs);
            for (var i = 0; i < experiment.Detectors.Count; i++)
            {
                var alarms = episode.Requests.Where(request => request.Decisions[i].Alarm).ToList();
                var first = Delay.FirstAlarmUnixNs(episode, i);
                line.Add(first is not null).Add(first is { } at && start is { } from ? Math.Max(0, (at - from) / 1e6) : null)
                    .Add(alarms.Count).Add(alarms.LongCount(request => !TestedEpisode.IsTouchedOrImpacted(request)))
                    .Add(string.Join(';', CauseRanking.Of(episode, i).Select(cause => CorrelationNames.Causes[cause].Value)));
            }

            line.WriteTo(writer);
        }
    }

    private static EnumNames<Lab.Intensity> Intensities { get; } = new();
}
