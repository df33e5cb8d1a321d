using CrossLayer.Actors.Requests;

namespace CrossLayer.Host.Ingest;

/// <summary>Where the request records of every source go.</summary>
internal interface IRecordSink
{
    /// <summary>Hands records over.</summary>
    /// <returns>How many were taken; the others found the pipeline full, and may be offered again.</returns>
    Task<RequestsReported> OfferAsync(IReadOnlyList<RequestRecord> records, CancellationToken cancellation);
}
