namespace CrossLayer.Host.Analysis.Statistics;

/// <summary>
/// How many are still undetected after how long, after Kaplan and Meier (J. Am. Stat. Assoc. 53, 1958): what was not seen to
/// its detection counts for as long as it was watched.
/// </summary>
/// <param name="Steps">Where the curve falls, in order of time; it begins at 1.</param>
/// <param name="Observed">How many were detected.</param>
/// <param name="Censored">How many were not, as long as they were watched.</param>
internal sealed record KaplanMeier(IReadOnlyList<KaplanMeier.Step> Steps, int Observed, int Censored)
{
    // What products of fractions err by.
    private const double Rounding = 1e-12;

    /// <summary>A fall of the curve.</summary>
    /// <param name="Time">When.</param>
    /// <param name="AtRisk">How many were watched and undetected just before.</param>
    /// <param name="Events">How many were detected then.</param>
    /// <param name="Survival">The share that is undetected from then on.</param>
    internal readonly record struct Step(double Time, int AtRisk, int Events, double Survival);

    /// <summary>The curve of some durations.</summary>
    public static KaplanMeier Of(IReadOnlyCollection<Duration> durations)
    {
        var steps = new List<Step>();
        var (atRisk, survival) = (durations.Count, 1.0);
        foreach (var group in durations.GroupBy(duration => duration.Time).OrderBy(group => group.Key))
        {
            // What is censored at the time of a detection was still at risk of it.
            var events = group.Count(duration => duration.IsObserved);
            if (events > 0)
            {
                survival *= 1 - ((double)events / atRisk);
                steps.Add(new Step(group.Key, atRisk, events, survival));
            }

            atRisk -= group.Count();
        }

        var observed = durations.Count(duration => duration.IsObserved);
        return new KaplanMeier(steps, observed, durations.Count - observed);
    }

    /// <summary>After how long a share is detected; null where the curve does not come to it.</summary>
    /// <param name="share">From 0 to 1: 0.5 for the median.</param>
    public double? Quantile(double share)
    {
        foreach (var step in Steps)
            if (step.Survival <= 1 - share + Rounding)
                return step.Time;
        return null;
    }
}

/// <summary>How long something took, or was watched without coming to its end.</summary>
/// <param name="Time">How long; not negative.</param>
/// <param name="IsObserved">The end was seen.</param>
internal readonly record struct Duration(double Time, bool IsObserved);
