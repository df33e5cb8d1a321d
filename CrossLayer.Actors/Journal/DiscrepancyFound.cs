using CrossLayer.Actors.Correlations;

namespace CrossLayer.Actors.Journal;

/// <summary>The event the journal keeps: the layers disagree about one request.</summary>
/// <param name="Correlation">Everything that is known of the request; its verdict is <see cref="Verdict.Discrepant"/>.</param>
public sealed record DiscrepancyFound(Correlation Correlation)
{
    /// <summary>The tag all these events carry in the journal.</summary>
    public const string Tag = "discrepancy";

    /// <summary>The events of a batch of correlations, in its order; those with another verdict leave none.</summary>
    public static IEnumerable<DiscrepancyFound> In(IEnumerable<Correlation> correlations) =>
        correlations.Where(one => one.Finding.Verdict == Verdict.Discrepant).Select(one => new DiscrepancyFound(one));
}
