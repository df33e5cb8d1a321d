using CrossLayer.Actors.Correlations;
using CrossLayer.Host.Experiments;
using CrossLayer.Host.Lab;

namespace CrossLayer.Host.Analysis.Measures;

/// <summary>What became of what was injected.</summary>
internal enum InjectionFate
{
    /// <summary>Nothing was to be injected.</summary>
    None,

    /// <summary>It was armed and met nothing.</summary>
    NotApplied,

    /// <summary>It met something, and no request was the worse for it.</summary>
    WithoutImpact,

    /// <summary>Requests were impacted.</summary>
    WithImpact,
}

/// <summary>An episode with what follows from its label.</summary>
internal sealed class TestedEpisode
{
    /// <summary>Works out what follows.</summary>
    public TestedEpisode(ScoredEpisode scored)
    {
        Scored = scored;
        // The faults that met something; what did not, no detector can find.
        var applied = Kind is EpisodeKind.Fault or EpisodeKind.HeldOut or EpisodeKind.Mix ? Label.Faults.Where(fault => fault.Applied).ToList() : [];
        Causes = [.. applied.Where(fault => fault.Cause is not null).Select(fault => fault.Cause!.Value).Distinct().Order()];
        Scenario = Label.Faults.Count == 0
            ? Name(Kind)
            : string.Join('+', Label.Faults.Select(fault => fault.Scenario).Distinct().Order(StringComparer.Ordinal));
        Fate = Kind is not (EpisodeKind.Fault or EpisodeKind.HeldOut or EpisodeKind.Mix) ? InjectionFate.None
            : applied.Count == 0 ? InjectionFate.NotApplied
            : Requests.Any(IsImpacted) ? InjectionFate.WithImpact
            : InjectionFate.WithoutImpact;
        MayBeFound = [.. Label.Faults.SelectMany(fault => ScenarioCatalog.Everything.OfType<Negative>().Where(negative => negative.Name == fault.Scenario))
            .SelectMany(negative => negative.MayBeFound)];
        EndUnixNs = Requests.Count == 0 ? 0 : Requests.Max(request => request.Label.StartUnixNs + (long)(request.Label.LatencyMs * 1e6));
    }

    /// <summary>The episode.</summary>
    public ScoredEpisode Scored { get; }

    /// <summary>Its label.</summary>
    public EpisodeLabel Label => Scored.Label;

    /// <summary>Its requests.</summary>
    public IReadOnlyList<ScoredRequest> Requests => Scored.Requests;

    /// <summary>Which part of the experiment it belongs to.</summary>
    public EpisodeKind Kind => Label.Kind;

    /// <summary>The scenario's name, those of a mix with a plus between them; the kind's where nothing was set up.</summary>
    public string Scenario { get; }

    /// <summary>The causes of what was injected and met something.</summary>
    public IReadOnlyList<Cause> Causes { get; }

    /// <summary>What may be said of a negative, since it is true (<see cref="Negative.MayBeFound"/>).</summary>
    public IReadOnlyList<Cause> MayBeFound { get; }

    /// <summary>What became of what was injected.</summary>
    public InjectionFate Fate { get; }

    /// <summary>The end of the last request: nanoseconds since the Unix epoch.</summary>
    public long EndUnixNs { get; }

    /// <summary>A fault met the request.</summary>
    public static bool IsTouched(ScoredRequest request) => request.Label.Touched;

    /// <summary>
    /// The request went wrong or was slow while a fault was in force. What is slow while none was is counted, and no fault that a
    /// detector should find.
    /// </summary>
    public static bool IsImpacted(ScoredRequest request) => request.Impacted && request.Label.Armed;

    /// <summary>An alarm on the request is a true one.</summary>
    public static bool IsTouchedOrImpacted(ScoredRequest request) => IsTouched(request) || IsImpacted(request);

    /// <summary>The name of a kind in files.</summary>
    public static string Name(EpisodeKind kind) => Kinds[kind].Value;

    private static Files.EnumNames<EpisodeKind> Kinds { get; } = new();
}
