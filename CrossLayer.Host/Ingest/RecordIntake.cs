using System.Collections.Concurrent;
using Akka.Actor;
using CrossLayer.Actors.Requests;

namespace CrossLayer.Host.Ingest;

/// <summary>
/// One source's way into the pipeline: what every source must do to a record is done here, and what becomes of what comes is
/// counted. Safe for several threads.
/// </summary>
/// <param name="source">The source's name, as metrics have it: <c>http</c>, <c>unix</c>, <c>otlp_http</c>, <c>otlp_grpc</c>, <c>access_log</c>.</param>
/// <param name="sink">Takes the records.</param>
/// <param name="time">Tells when records arrived.</param>
internal sealed class RecordIntake(string source, IRecordSink sink, TimeProvider time)
{
    private readonly ConcurrentDictionary<Rejection, long> _rejected = [];
    private long _accepted;

    /// <summary>The source's name.</summary>
    public string Source => source;

    /// <summary>Records that the pipeline took.</summary>
    public long Accepted => Volatile.Read(ref _accepted);

    /// <summary>What became no record, by the reason. Pieces that cannot be told apart, such as a body that is too large, count as one.</summary>
    public IReadOnlyDictionary<Rejection, long> Rejected => _rejected;

    /// <summary>Hands records to the pipeline.</summary>
    /// <returns>How many were taken. What was not is counted by the caller, once it gives up on it.</returns>
    public async Task<RequestsReported> OfferAsync(IReadOnlyList<RequestRecord> records, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(records);
        var nowUnixNs = UnixTime.Nanoseconds(time.GetUtcNow());
        RequestsReported reported;
        try
        {
            reported = await sink.OfferAsync([.. records.Select(record => RecordPrivacy.Strip(ArrivalTime.Give(record, nowUnixNs)))], cancellation);
        }
        catch (AskTimeoutException)
        {
            reported = new RequestsReported(0, records.Count); // a pipeline that does not answer takes nothing
        }

        Interlocked.Add(ref _accepted, reported.Accepted);
        return reported;
    }

    /// <summary>Counts what becomes no record.</summary>
    public void Reject(Rejection reason, long count = 1) => _rejected.AddOrUpdate(reason, count, (_, before) => before + count);
}
