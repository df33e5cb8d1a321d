namespace CrossLayer.Actors.Hosts;

/// <summary>
/// How far a peer's monotonic clock is ahead of ours, and how surely, at any time: from bounds that traffic gave, each of which
/// says less the longer ago it is, since no two clocks run alike. Pure.
/// </summary>
public sealed class PeerClock
{
    /// <summary>How far two clocks may drift apart. NTP moves a clock by 500 ppm at most (clock_adjtime(2)), and crystals by far less.</summary>
    private const double Drift = 100e-6;

    private const long StepNs = 1_000_000_000;

    private readonly long _firstNs;
    private readonly (double Least, double Most)[] _steps;

    private PeerClock(long firstNs, (double, double)[] steps, int agreeing) => (_firstNs, _steps, Agreeing) = (firstNs, steps, agreeing);

    /// <summary>A clock that is ours.</summary>
    public static PeerClock Same { get; } = new(0, [(0, 0)], 0);

    /// <summary>So many bounds agree with each other; the others were left out.</summary>
    public int Agreeing { get; }

    /// <summary>Makes a clock of bounds.</summary>
    /// <returns>Null if those that agree do not bound it from both sides.</returns>
    public static PeerClock? From(IReadOnlyList<ClockBound> bounds)
    {
        ArgumentNullException.ThrowIfNull(bounds);
        bounds = Agree(bounds);
        if (!bounds.Any(bound => bound.LeastNs is not null) || !bounds.Any(bound => bound.MostNs is not null))
            return null;
        var first = bounds.Min(bound => bound.AtNs);
        var steps = new (double Least, double Most)[(int)((bounds.Max(bound => bound.AtNs) - first) / StepNs) + 1];
        Array.Fill(steps, (double.NegativeInfinity, double.PositiveInfinity));
        foreach (var bound in bounds)
        {
            ref var step = ref steps[(bound.AtNs - first) / StepNs];
            step = (Math.Max(step.Least, bound.LeastNs ?? double.NegativeInfinity), Math.Min(step.Most, bound.MostNs ?? double.PositiveInfinity));
        }

        for (var i = 1; i < steps.Length; i++)
            Narrow(ref steps[i], steps[i - 1]);
        for (var i = steps.Length - 2; i >= 0; i--)
            Narrow(ref steps[i], steps[i + 1]);
        return new PeerClock(first, steps, bounds.Count);
    }

    /// <summary>How far the peer's clock is ahead at a time on it, and by how much that may be wrong: nanoseconds.</summary>
    public (long AheadNs, long ErrorNs) At(long peerNs)
    {
        // Between the middles of two steps, so that no time comes before an earlier one.
        var at = Math.Clamp(((double)(peerNs - _firstNs) / StepNs) - 0.5, 0, _steps.Length - 1);
        var (one, next) = (_steps[(int)at], _steps[Math.Min((int)at + 1, _steps.Length - 1)]);
        var share = at - (int)at;
        var (least, most) = (one.Least + (share * (next.Least - one.Least)), one.Most + (share * (next.Most - one.Most)));
        // Bounds that contradict each other do so by what one of them is wrong.
        return ((long)((least + most) / 2), (long)Math.Ceiling(Math.Abs(most - least) / 2));
    }

    /// <summary>A time on the peer's clock, on ours.</summary>
    public long ToOurs(long peerNs) => peerNs - At(peerNs).AheadNs;

    /// <summary>
    /// Those that hold where most of them hold (Marzullo, Maintaining the Time in a Distributed System, 1984), give or take what the clocks
    /// may have drifted in all their time.
    /// </summary>
    private static IReadOnlyList<ClockBound> Agree(IReadOnlyList<ClockBound> bounds)
    {
        if (bounds.Count == 0)
            return bounds;
        var slack = Drift * (bounds.Max(bound => bound.AtNs) - bounds.Min(bound => bound.AtNs)) / 2;
        // Of equal places, a beginning comes first: what touches, agrees.
        var borders = bounds.SelectMany(bound => new (double At, int Change)[] { (Least(bound), 1), (Most(bound), -1) })
            .OrderBy(border => border.At).ThenByDescending(border => border.Change);
        var (holding, best, from) = (0, 0, double.NegativeInfinity);
        foreach (var (at, change) in borders)
        {
            holding += change;
            if (holding > best)
                (best, from) = (holding, at);
        }

        return [.. bounds.Where(bound => Least(bound) <= from && from <= Most(bound))];

        double Least(ClockBound bound) => bound.LeastNs is { } least ? least - slack : double.NegativeInfinity;
        double Most(ClockBound bound) => bound.MostNs is { } most ? most + slack : double.PositiveInfinity;
    }

    private static void Narrow(ref (double Least, double Most) step, (double Least, double Most) neighbour) =>
        step = (Math.Max(step.Least, neighbour.Least - (Drift * StepNs)), Math.Min(step.Most, neighbour.Most + (Drift * StepNs)));
}
