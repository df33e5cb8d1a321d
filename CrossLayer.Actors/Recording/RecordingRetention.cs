namespace CrossLayer.Actors.Recording;

/// <summary>Which parts of a recording are kept. Pure.</summary>
internal static class RecordingRetention
{
    /// <summary>
    /// How many of the oldest parts are to be deleted: those that ended before the time to keep, and as many as there are bytes
    /// too many. The newest part always stays.
    /// </summary>
    /// <param name="parts">Oldest first.</param>
    /// <param name="nowUnixNs">Now.</param>
    /// <param name="settings">How long and how much.</param>
    public static int Superfluous(IReadOnlyList<PartOnDisk> parts, long nowUnixNs, RecordingSettings settings)
    {
        var oldest = nowUnixNs - (long)settings.KeepFor.TotalNanoseconds;
        var bytes = parts.Sum(part => part.Bytes);
        var count = 0;
        while (count < parts.Count - 1 && (bytes > settings.KeepAtMost || parts[count + 1].BeganUnixNs < oldest))
            bytes -= parts[count++].Bytes;
        return count;
    }
}

/// <summary>A part of a recording.</summary>
/// <param name="SequenceNr">That of its head.</param>
/// <param name="BeganUnixNs">When it began, in nanoseconds since the Unix epoch.</param>
/// <param name="Bytes">Of its rows.</param>
internal sealed record PartOnDisk(long SequenceNr, long BeganUnixNs, long Bytes);
