using CrossLayer.Actors.Graph;
using CrossLayer.Actors.Requests;
using CrossLayer.Host.Ingest;

namespace CrossLayer.Host.Daemon;

/// <summary>The way of all sources into the live pipeline.</summary>
internal sealed class PipelineSink(LivePipeline pipeline) : IRecordSink
{
    /// <inheritdoc/>
    public Task<RequestsReported> OfferAsync(IReadOnlyList<RequestRecord> records, CancellationToken cancellation) =>
        pipeline.ReportAsync(records).WaitAsync(cancellation);
}
