using System.Collections.Concurrent;
using CrossLayer.Actors.Requests;
using CrossLayer.Host.Ingest;

namespace CrossLayer.Integration.Tests.Ingest;

/// <summary>A pipeline that keeps what it takes, up to a number of records.</summary>
internal sealed class CollectingSink : IRecordSink
{
    private readonly ConcurrentQueue<RequestRecord> _records = [];

    public int Capacity { get; set; } = int.MaxValue;

    public IReadOnlyList<RequestRecord> Records => [.. _records];

    public Task<RequestsReported> OfferAsync(IReadOnlyList<RequestRecord> records, CancellationToken cancellation)
    {
        var taken = Math.Min(records.Count, Math.Max(0, Capacity - _records.Count));
        foreach (var record in records.Take(taken))
            _records.Enqueue(record);
        return Task.FromResult(new RequestsReported(taken, records.Count - taken));
    }

    /// <summary>Waits until so many records are there.</summary>
    public async Task<IReadOnlyList<RequestRecord>> WaitForAsync(int count)
    {
        await Eventually.TrueAsync(() => _records.Count >= count, () => $"{_records.Count} of {count} records came");
        return Records;
    }
}
