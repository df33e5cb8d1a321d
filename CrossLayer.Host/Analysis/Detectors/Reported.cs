using CrossLayer.Actors.Requests;

namespace CrossLayer.Host.Analysis.Detectors;

/// <summary>A request as applications report it.</summary>
/// <param name="Record">The client's record, which waited longest; the server's where the client has none.</param>
/// <param name="Failure">The record of either end that tells of a failure, the earlier of two; null where none does.</param>
internal readonly record struct Reported(RequestRecord Record, RequestRecord? Failure)
{
    /// <summary>A request that asks to be tried again took too long for its server (RFC 9110, 15.5.9).</summary>
    private const int RequestTimeout = 408;

    /// <summary>The requests of an episode, in the order in which they ended.</summary>
    public static IReadOnlyList<Reported> Of(EpisodeRecords episode)
    {
        ArgumentNullException.ThrowIfNull(episode);
        return [.. episode.ClientRecords.Concat(episode.ServerRecords)
            .GroupBy(record => record.RequestId)
            .Select(records => new Reported(
                records.MinBy(record => record.Role)!,
                records.Where(IsFailure).MinBy(record => record.EndUnixNs ?? long.MaxValue)))
            .OrderBy(reported => reported.Record.EndUnixNs ?? long.MinValue)];
    }

    /// <summary>
    /// No response, an exception, or a status of the server's errors. Other statuses from 400 on are what a client did wrong, and no
    /// failure of the service (OpenTelemetry's semantic conventions for HTTP leave them unset at the server).
    /// </summary>
    public static bool IsFailure(RequestRecord record)
    {
        ArgumentNullException.ThrowIfNull(record);
        return record.Result is not (RequestResult.Success or RequestResult.HttpError) || record.StatusCode is RequestTimeout or >= 500
            || record.ErrorType is not null;
    }
}
