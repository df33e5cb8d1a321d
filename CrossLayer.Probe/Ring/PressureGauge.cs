namespace CrossLayer.Probe.Ring;

/// <summary>
/// Whether the ring fills faster than it is read, so that what is told had better be less. Plain state: the clock is its caller's.
/// </summary>
internal sealed class PressureGauge
{
    /// <summary>A ring so full is about to lose events.</summary>
    internal const double High = 0.5;

    /// <summary>A ring that stays below this would also do with more: twice what the reader lets it come to.</summary>
    internal const double Low = 0.125;

    /// <summary>How long it has to stay below, in nanoseconds; doubled each time that it was too short, up to <see cref="MostCalmNs"/>.</summary>
    internal const long LeastCalmNs = 30_000_000_000;

    /// <summary>The longest of these times, in nanoseconds.</summary>
    internal const long MostCalmNs = 16 * LeastCalmNs;

    private long _calmNs = LeastCalmNs;
    private long _lastHighNs;
    private long _relievedNs = long.MinValue;

    /// <summary>The pressure is high, or was not long ago.</summary>
    internal bool IsHigh { get; private set; }

    /// <summary>Takes in how full the ring was, from 0 to 1, and whether it has lost events.</summary>
    internal void Observe(long nowNs, double fill, bool lost)
    {
        if (lost || fill >= High)
        {
            if (!IsHigh)
                _calmNs = _relievedNs != long.MinValue && nowNs - _relievedNs < _calmNs ? Math.Min(2 * _calmNs, MostCalmNs) : LeastCalmNs;
            (IsHigh, _lastHighNs) = (true, nowNs);
        }
        else if (fill >= Low)
        {
            _lastHighNs = nowNs;
        }
        else if (IsHigh && nowNs - _lastHighNs >= _calmNs)
        {
            (IsHigh, _relievedNs) = (false, nowNs);
        }
    }
}
