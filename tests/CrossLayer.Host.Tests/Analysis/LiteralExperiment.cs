using CrossLayer.Actors.Correlations;
using CrossLayer.Host.Analysis;
using CrossLayer.Host.Experiments;
using CrossLayer.Host.Lab;

namespace CrossLayer.Host.Tests.Analysis;

/// <summary>
/// Episodes written down request by request. A request is a word: what is known of it, a colon, and what each detector says.
/// Known: <c>i</c> impacted, <c>t</c> touched, <c>b</c> both, <c>a</c> armed and neither, <c>s</c> slow without a fault, <c>-</c> ordinary.
/// Said: <c>-</c> nothing, <c>?</c> it cannot say, <c>!</c> an alarm without a cause, <c>L</c> path_loss, <c>C</c> congestion, <c>S</c> slow_reader, <c>U</c> unknown.
/// Requests begin a second apart and take 100 ms; an alarm comes 200 ms after the request began, and has a score of 0.9 (path_loss) or 0.6 (others).
/// </summary>
internal static class LiteralExperiment
{
    public const long StartNs = 1_700_000_000_000_000_000;
    public const long SecondNs = 1_000_000_000;

    public static readonly IReadOnlyList<DetectorDescription> Detectors =
    [
        new("status", DetectorLayer.Application, 0.5, 0.001),
        new("any_retransmit_or_reset", DetectorLayer.Kernel, 0.5, 0.001),
        new("union", DetectorLayer.Union, 0.5, 0.001),
        new("cross_layer", DetectorLayer.CrossLayer, 0.5, 0.0005),
    ];

    public static ScoredEpisode Episode(int number, EpisodeKind kind, IReadOnlyList<FaultLabel> faults, string requests)
    {
        var scored = requests.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(Request).ToList();
        return new ScoredEpisode(
            new EpisodeLabel { Episode = ExperimentFolder.NameOf(number), Kind = kind, Faults = faults, Requests = [.. scored.Select(request => request.Label)] },
            scored);
    }

    public static FaultLabel Fault(string scenario, Cause? cause, bool applied = true) => new()
    {
        Scenario = scenario,
        Family = ScenarioFamily.Retransmissions,
        Cause = cause,
        Intensity = Intensity.Medium,
        ArmedUnixNs = StartNs,
        LiftedUnixNs = StartNs + (60 * SecondNs),
        Applied = applied,
        Proof = applied ? "nft matched 7" : "nft matched 0",
    };

    public static FaultLabel PathLoss { get; } = Fault("path_loss", Cause.PathLoss);

    public static FaultLabel Congestion { get; } = Fault("congestion", Cause.Congestion);

    private static ScoredRequest Request(string word, int index)
    {
        var (known, said) = (word[0], word[2..]);
        var start = StartNs + (index * SecondNs);
        var label = new RequestLabel
        {
            RequestId = $"n{index}",
            Route = "/bytes/{n}",
            StartUnixNs = start,
            LatencyMs = 100,
            Outcome = Outcome.Right,
            Armed = known is 'i' or 't' or 'b' or 'a',
            TouchedBy = known is 't' or 'b' ? [0] : [],
        };
        return new ScoredRequest(label, known is 'i' or 'b' or 's', [.. said.Select(what => Say(what, start + (SecondNs / 5)))]);
    }

    private static Decision Say(char what, long at) => what switch
    {
        '-' => default,
        '?' => new Decision(false, true, 0, at, null),
        '!' => new Decision(true, false, 0.6, at, null),
        'L' => new Decision(true, false, 0.9, at, Cause.PathLoss),
        'C' => new Decision(true, false, 0.6, at, Cause.Congestion),
        'S' => new Decision(true, false, 0.6, at, Cause.SlowReader),
        'U' => new Decision(true, false, 0.6, at, Cause.Unknown),
        _ => throw new ArgumentOutOfRangeException(nameof(what), what, "No such decision."),
    };

    /// <summary>Two episodes of path loss, one of congestion, a mix, one without impact, one that met nothing, a control and a negative.</summary>
    public static ScoredExperiment Whole { get; } = new(Detectors,
    [
        Episode(0, EpisodeKind.Benign, [], "-:---- -:----"),
        // cross_layer finds both impacted requests; the kernel one; the application none. The application's alarm is false.
        Episode(1, EpisodeKind.Fault, [PathLoss], "-:---- -:!-!- b:-!!L b:---L t:---- -:----"),
        // Nobody finds the impacted one but the application, and cross_layer cannot say. An alarm of the kernel is on a slow request without a fault.
        Episode(2, EpisodeKind.Fault, [PathLoss], "b:!-!? -:---- s:-!!- -:----"),
        Episode(3, EpisodeKind.Fault, [Congestion], "a:---- i:!-!- b:!-!C b:--!S"),
        Episode(4, EpisodeKind.Mix, [Congestion, PathLoss], "b:!!!L b:!!!C b:-!!L"),
        Episode(5, EpisodeKind.Fault, [PathLoss], "t:-!!- a:----"),
        Episode(6, EpisodeKind.Fault, [Fault("path_loss", Cause.PathLoss, applied: false)], "a:!!!L a:----"),
        Episode(7, EpisodeKind.Control, [], "-:---- -:---L s:!-!- -:----"),
        Episode(8, EpisodeKind.Negative, [Fault("client_abort", null)], "a:-!!- a:-!!?"),
    ]);
}
