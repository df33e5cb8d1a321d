namespace CrossLayer.Host.Analysis.Detectors;

/// <summary>
/// From which score on a detector raises an alarm: the lowest threshold at which the share of ordinary requests with an alarm does
/// not exceed a rate. A score above the threshold is an alarm, so that a score of 0 never is one.
/// </summary>
/// <param name="Threshold">Scores above it are alarms.</param>
/// <param name="Target">The rate that is not to be exceeded.</param>
/// <param name="Requests">Ordinary requests that it was tuned on.</param>
/// <param name="Alarms">Those of them with an alarm.</param>
/// <param name="Tied">Those at the threshold itself: no alarm, and alarms all together at any lower threshold.</param>
internal sealed record Tuning(double Threshold, double Target, int Requests, int Alarms, int Tied)
{
    /// <summary>The false-positive rate that is really reached on these requests.</summary>
    public double Rate => (double)Alarms / Requests;

    /// <summary>Alarms that the target would have left room for.</summary>
    public int Allowed => AllowedOf(Target, Requests);

    /// <summary>What keeps the detector from making use of the whole rate; null if nothing does.</summary>
    public string? Shortfall => Alarms >= Allowed ? null
        : Threshold > 0 ? FormattableString.Invariant(
            $"{Alarms} of {Requests} ordinary requests instead of {Allowed}: {Tied} share the score {Threshold:G6}, and would be alarms together")
        : FormattableString.Invariant($"{Alarms} of {Requests} ordinary requests instead of {Allowed}: no other has a score above 0");

    /// <summary>Finds the threshold.</summary>
    /// <param name="scores">Of each ordinary request the highest score, 0 where it has none.</param>
    /// <param name="target">From 0 to 1, not included.</param>
    /// <exception cref="ArgumentException">There are no requests.</exception>
    public static Tuning Of(IReadOnlyCollection<double> scores, double target)
    {
        ArgumentNullException.ThrowIfNull(scores);
        ArgumentOutOfRangeException.ThrowIfNegative(target);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(target, 1);
        if (scores.Count == 0)
            throw new ArgumentException("no ordinary requests to tune on", nameof(scores));
        var sorted = scores.OrderDescending().ToArray();
        // The first that may not be an alarm; whatever is above it may.
        var threshold = Math.Max(0, sorted[AllowedOf(target, sorted.Length)]);
        return new Tuning(threshold, target, sorted.Length, sorted.Count(score => score > threshold), sorted.Count(score => score == threshold));
    }

    // 0.29 * 100 is a little less than 29.
    private static int AllowedOf(double target, int requests) => Math.Min(requests - 1, (int)Math.Floor((target * requests) + 1e-9));
}
