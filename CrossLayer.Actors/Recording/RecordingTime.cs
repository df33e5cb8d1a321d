namespace CrossLayer.Actors.Recording;

/// <summary>Wall time as recordings hold it.</summary>
internal static class RecordingTime
{
    private const int NsPerTick = 100;

    /// <summary>Nanoseconds since the Unix epoch.</summary>
    public static long UnixNs(DateTimeOffset moment) => (moment.UtcTicks - DateTimeOffset.UnixEpoch.Ticks) * NsPerTick;
}
