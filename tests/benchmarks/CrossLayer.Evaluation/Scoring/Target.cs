using CrossLayer.Evaluation.Records;
using CrossLayer.Evaluation.Traffic;

namespace CrossLayer.Evaluation.Scoring;

/// <summary>What a run must reach.</summary>
/// <param name="Match">Least share of records that stand with their exchange; null where what is reported does not decide.</param>
/// <param name="Wrong">Greatest share of records that stand with another.</param>
internal readonly record struct Target(double? Match, double Wrong)
{
    /// <summary>The target of a variant in a workload.</summary>
    internal static Target Of(Workload workload, Variant variant)
    {
        var hasCookie = variant.Content is RecordContent.Cookie or RecordContent.CookieWithoutOrdinal;
        if (workload.LocalPorts > 0)
            return new Target(hasCookie ? 0.995 : null, 0);
        if (!Decides(workload, variant))
            return new Target(null, 0.001);
        return new Target(hasCookie || workload.MaxThinkMs == 0 ? 0.995 : 0.97, 0.001);
    }

    /// <summary>True if a result meets it.</summary>
    internal bool IsMet(Scorecard score) => score is { Failure: null, Repeated: 0 }
        && score[Outcome.Wrong] <= Wrong * score.Reported
        && (Match is null || score[Outcome.Right] >= Match * score.Reported);

    /// <summary>
    /// Requests within one tick of a coarse clock, and those around a record that is missing, are alike but for their size and
    /// their place: without either, the answer that is wanted is that there are several.
    /// </summary>
    private static bool Decides(Workload workload, Variant variant) =>
        variant.Quality == RecordQuality.Measured
        || variant.Content is RecordContent.Cookie or RecordContent.TupleOrder
        || (variant.Content == RecordContent.TupleBytes && !workload.EqualSizes);
}
