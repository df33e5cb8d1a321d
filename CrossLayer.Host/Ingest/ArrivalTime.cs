using CrossLayer.Actors.Requests;

namespace CrossLayer.Host.Ingest;

/// <summary>When a request was whose record does not say: before the record came, by no more than records are late.</summary>
internal static class ArrivalTime
{
    /// <summary>How exact such a time is, in milliseconds: most reporters send within a second.</summary>
    public const double ResolutionMs = 1000;

    /// <summary>The record with a time: its own, or one from its arrival.</summary>
    /// <param name="record">The record.</param>
    /// <param name="arrivedUnixNs">When it arrived, in nanoseconds since the Unix epoch.</param>
    public static RequestRecord Give(RequestRecord record, long arrivedUnixNs) => record.StartUnixNs is not null
        ? record
        : record with
        {
            StartUnixNs = arrivedUnixNs - (long)(record.LatencyMs * 1e6),
            ResolutionMs = Math.Max(record.ResolutionMs ?? 0, ResolutionMs),
        };
}
