using CrossLayer.Actors.Requests;
using CrossLayer.Evaluation.Traffic;

namespace CrossLayer.Evaluation.Records;

/// <summary>Makes the records of a variant from what was noted of each request.</summary>
internal static class RecordMaker
{
    private const double MissingShare = 0.01;

    /// <summary>What is reported of a run.</summary>
    internal static IReadOnlyList<RequestRecord> Make(IEnumerable<RequestFacts> requests, Variant variant, int seed)
    {
        var random = new Random(seed);
        var records = new List<RequestRecord>();
        foreach (var request in requests)
            foreach (var role in RolesOf(variant.Reporters))
                if (variant.Quality != RecordQuality.Incomplete || random.NextDouble() >= MissingShare)
                    records.Add(Make(request, role, variant));
        return records;
    }

    /// <summary>The roles that report.</summary>
    internal static IReadOnlyList<RequestRole> RolesOf(Reporters reporters) => reporters switch
    {
        Reporters.Client => [RequestRole.Client],
        Reporters.Server => [RequestRole.Server],
        _ => [RequestRole.Client, RequestRole.Server],
    };

    /// <summary>One side's record of a request.</summary>
    internal static RequestRecord Make(RequestFacts request, RequestRole role, Variant variant)
    {
        var isClient = role == RequestRole.Client;
        var times = isClient ? request.ClientTimes : request.ServerTimes;
        var record = new RequestRecord
        {
            RequestId = RequestId.From(request.Number),
            Role = role,
            StatusCode = 200,
            Result = RequestResult.Success,
            Local = isClient ? request.Client : request.Server,
            Peer = isClient ? request.Server : request.Client,
            StartUnixNs = times.StartUnixNs,
            LatencyMs = times.LatencyMs,
        };
        if (variant.Quality == RecordQuality.Milliseconds)
            record = InMilliseconds(record);
        var cookie = isClient ? request.ClientCookie : request.ServerCookie;
        return variant.Content switch
        {
            RecordContent.Cookie => record with { SocketCookie = cookie, ConnectionRequest = request.Ordinal },
            RecordContent.CookieWithoutOrdinal => record with { SocketCookie = cookie },
            RecordContent.TupleBytes => record with { RequestBytes = request.Request.Length, ResponseBytes = request.Response.Length },
            RecordContent.TupleOrder => record with { ConnectionRequest = request.Ordinal },
            _ => record,
        };
    }

    /// <summary>
    /// Both ends cut to the millisecond, as nginx cuts its clock. The one place that knows what a coarse clock looks like
    /// in a record.
    /// </summary>
    private static RequestRecord InMilliseconds(RequestRecord record)
    {
        const long nsPerMs = 1_000_000;
        var startMs = record.StartUnixNs!.Value / nsPerMs;
        var endMs = record.EndUnixNs!.Value / nsPerMs;
        return record with { StartUnixNs = startMs * nsPerMs, LatencyMs = endMs - startMs, ResolutionMs = 1 };
    }
}
