namespace CrossLayer.Client;

/// <summary>Wall time as request records carry it.</summary>
internal static class UnixTime
{
    private const int NsPerTick = 100;

    /// <summary>Now, in nanoseconds since the Unix epoch, with a resolution of 100 ns.</summary>
    public static long NowNs() => Nanoseconds(DateTimeOffset.UtcNow);

    /// <summary>A moment, in nanoseconds since the Unix epoch.</summary>
    public static long Nanoseconds(DateTimeOffset moment) => (moment.UtcTicks - DateTimeOffset.UnixEpoch.Ticks) * NsPerTick;

    /// <summary>The moment, in UTC.</summary>
    public static DateTimeOffset ToDateTime(long unixNs) => DateTimeOffset.UnixEpoch.AddTicks(unixNs / NsPerTick);
}
