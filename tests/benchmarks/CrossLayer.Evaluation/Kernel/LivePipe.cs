using System.Threading.Channels;
using Akka.Streams.Dsl;
using CrossLayer.Actors.Graph;
using CrossLayer.Actors.Requests;
using CrossLayer.Probe;

namespace CrossLayer.Evaluation.Kernel;

/// <summary>The graph, fed while traffic goes on. It counts what waits, so that the traffic can be held up, not the ring.</summary>
internal sealed class LivePipe
{
    private readonly Channel<PipelineInput> _inputs = Channel.CreateUnbounded<PipelineInput>(new() { SingleReader = true });
    private readonly Lock _adding = new();
    private List<TimedRecord> _records = [];
    private long _waiting;

    /// <param name="see">Sees the correlations, a batch at a time.</param>
    /// <param name="cancellation">Breaks it off.</param>
    internal LivePipe(Action<CorrelationBatch> see, CancellationToken cancellation) => Completion = Pipeline.RunAsync(
        shards => CorrelationGraph.Create(
            ChannelSource.FromReader(_inputs.Reader).Select(input =>
            {
                if (input is KernelInput { Batch: var batch })
                    Interlocked.Add(ref _waiting, -batch.Count);
                return input;
            }),
            shards, Pipeline.Settings),
        see, cancellation);

    /// <summary>Completes when the last window has closed; faults if the graph failed.</summary>
    internal Task Completion { get; }

    /// <summary>Kernel events that have not entered the graph.</summary>
    internal long Waiting => Interlocked.Read(ref _waiting);

    /// <summary>Copies a batch in, behind the records that came before it.</summary>
    internal void Add(KernelEventBatch batch)
    {
        Interlocked.Add(ref _waiting, batch.Count);
        FlushRecords();
        _inputs.Writer.TryWrite(new KernelInput(new KernelEventBatch(batch.Events, batch.WatermarkNs)));
    }

    /// <summary>Reports a request: it goes in with the next batch, a few milliseconds later.</summary>
    internal void Add(TimedRecord record)
    {
        lock (_adding)
            _records.Add(record);
    }

    /// <summary>Nothing more comes.</summary>
    internal void End()
    {
        FlushRecords();
        _inputs.Writer.Complete();
    }

    private void FlushRecords()
    {
        List<TimedRecord> records;
        lock (_adding)
            (records, _records) = (_records, []);
        if (records.Count > 0)
            _inputs.Writer.TryWrite(new RecordInput(records));
    }
}
