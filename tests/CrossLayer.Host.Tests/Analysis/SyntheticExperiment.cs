using CrossLayer.Actors.Correlations;
using CrossLayer.Host.Analysis;
using CrossLayer.Host.Experiments;
using CrossLayer.Host.Files;

namespace CrossLayer.Host.Tests.Analysis;

/// <summary>An experiment of some size, made up from a seed: detectors, scenarios and rates as they could be, for reports to be looked at and for tables to be large.</summary>
internal static class SyntheticExperiment
{
    private static readonly DetectorDescription[] Detectors =
    [
        new("status", DetectorLayer.Application, 0.5, 0), new("static_threshold", DetectorLayer.Application, 3.1, 0.0009),
        new("ewma", DetectorLayer.Application, 4.2, 0.001), new("robust_z", DetectorLayer.Application, 8.8, 0.0008),
        new("any_retransmit_or_reset", DetectorLayer.Kernel, 0.5, 0.0006), new("retransmit_ratio", DetectorLayer.Kernel, 0.02, 0.0004),
        new("socket_rules", DetectorLayer.Kernel, 0.5, 0.0003), new("dummy", DetectorLayer.Dummy, 0.999, 0.001),
        new("union", DetectorLayer.Union, 1, 0.001), new("cross_layer", DetectorLayer.CrossLayer, 0.4, 0.0002),
        new("cross_layer_client_end", DetectorLayer.CrossLayer, 0.4, 0.0002), new("cross_layer_server_end", DetectorLayer.CrossLayer, 0.45, 0.0003),
    ];

    // A scenario, and how often the application, the kernel, and both together notice.
    private static readonly (Cause Cause, double Application, double Kernel, double Both)[] Scenarios =
    [
        (Cause.PathLoss, 0.45, 0.85, 0.93), (Cause.Congestion, 0.7, 0.4, 0.85), (Cause.ConnectBlackhole, 0.98, 0.9, 0.99), (Cause.SynackLoss, 0.9, 0.7, 0.95),
        (Cause.InjectedReset, 0.97, 0.99, 0.99), (Cause.SilentResponseLoss, 0.3, 0.6, 0.96), (Cause.IdleConnectionDrop, 0.8, 0.75, 0.93), (Cause.MtuBlackhole, 0.7, 0.9, 0.95),
        (Cause.LocalEgressDrop, 0.5, 0.1, 0.6), (Cause.SlowReader, 0.2, 0.5, 0.9), (Cause.ProcessStall, 0.95, 0.05, 0.9), (Cause.SlowHandler, 0.97, 0.0, 0.9),
    ];

    public static ScoredExperiment Make(int seed = 1, int episodesEach = 4, int requestsEach = 120)
    {
        var random = new Random(seed);
        var episodes = new List<ScoredEpisode>();
        for (var i = 0; i < episodesEach * 3; i++)
            episodes.Add(Ordinary(random, episodes.Count, i < episodesEach ? EpisodeKind.Benign : EpisodeKind.Control, [], requestsEach));
        foreach (var negative in (string[])["client_abort", "expected_slow", "long_poll"])
            for (var i = 0; i < episodesEach; i++)
                episodes.Add(Ordinary(random, episodes.Count, EpisodeKind.Negative, [LiteralExperiment.Fault(negative, null)], requestsEach));
        foreach (var kind in (EpisodeKind[])[EpisodeKind.Fault, EpisodeKind.HeldOut])
            foreach (var scenario in Scenarios)
                for (var i = 0; i < episodesEach; i++)
                    episodes.Add(Faulty(random, episodes.Count, kind, [scenario], requestsEach, applied: random.NextDouble() > 0.03));
        for (var i = 0; i < episodesEach * 3; i++)
            episodes.Add(Faulty(random, episodes.Count, EpisodeKind.Mix, [Scenarios[i % 3], Scenarios[5 + (i % 4)]], requestsEach, applied: true));
        return new ScoredExperiment(Detectors, episodes);
    }

    private static ScoredEpisode Ordinary(Random random, int number, EpisodeKind kind, IReadOnlyList<FaultLabel> faults, int requests) =>
        Episode(number, kind, faults, [.. Enumerable.Range(0, requests).Select(i => Request(random, i, armed: false, null))]);

    private static ScoredEpisode Faulty(
        Random random, int number, EpisodeKind kind, (Cause Cause, double Application, double Kernel, double Both)[] scenarios, int requests, bool applied) =>
        Episode(number, kind,
            [.. scenarios.Select(scenario => LiteralExperiment.Fault(CorrelationNames.Causes[scenario.Cause].Value, scenario.Cause, applied))],
            [.. Enumerable.Range(0, requests).Select(i => Request(random, i, i > requests / 3 && i < 2 * requests / 3, applied ? scenarios[random.Next(scenarios.Length)] : null))]);

    private static ScoredEpisode Episode(int number, EpisodeKind kind, IReadOnlyList<FaultLabel> faults, IReadOnlyList<ScoredRequest> requests) => new(
        new EpisodeLabel { Episode = ExperimentFolder.NameOf(number), Kind = kind, Faults = faults, Requests = [.. requests.Select(request => request.Label)] }, requests);

    private static ScoredRequest Request(Random random, int index, bool armed, (Cause Cause, double Application, double Kernel, double Both)? scenario)
    {
        var start = LiteralExperiment.StartNs + (index * LiteralExperiment.SecondNs / 10);
        var touched = armed && scenario is not null && random.NextDouble() < 0.4;
        var impacted = touched ? random.NextDouble() < 0.6 : random.NextDouble() < 0.001;
        var noticed = touched && (impacted || random.NextDouble() < 0.3);
        var latency = impacted ? 210 + (800 * random.NextDouble()) : 1 + random.NextDouble();
        var label = new RequestLabel
        {
            RequestId = $"{index:x8}",
            Route = index % 3 == 0 ? "/bytes/100000" : "/",
            StartUnixNs = start,
            LatencyMs = latency,
            Outcome = impacted && random.NextDouble() < 0.3 ? Outcome.None : Outcome.Right,
            Armed = armed,
            TouchedBy = touched ? [0] : [],
        };
        return new ScoredRequest(label, impacted, [.. Detectors.Select(detector => Decide(detector))]);

        Decision Decide(DetectorDescription detector)
        {
            var chance = !noticed || scenario is not { } known ? 0.0005 : detector.Layer switch
            {
                DetectorLayer.Application => impacted ? known.Application : 0.01,
                DetectorLayer.Kernel => known.Kernel,
                DetectorLayer.Union => impacted ? Math.Max(known.Application, known.Kernel) : known.Kernel,
                DetectorLayer.CrossLayer => detector.Name == "cross_layer" ? known.Both : known.Both * 0.85,
                _ => 0.001,
            };
            var at = start + (long)((latency + (500 * random.NextDouble())) * 1e6);
            if (random.NextDouble() >= chance)
                return detector.Layer == DetectorLayer.CrossLayer && random.NextDouble() < 0.01 ? new Decision(false, true, 0, at, null) : default;
            var confidence = 0.5 + (0.49 * random.NextDouble());
            if (detector.Layer != DetectorLayer.CrossLayer)
                return new Decision(true, false, detector.Threshold + confidence, at, null);
            var isRight = scenario is not null && random.NextDouble() < confidence + 0.05;
            return new Decision(true, false, confidence, at, isRight ? scenario!.Value.Cause : random.Next(3) == 0 ? Cause.Unknown : Scenarios[random.Next(Scenarios.Length)].Cause);
        }
    }
}
