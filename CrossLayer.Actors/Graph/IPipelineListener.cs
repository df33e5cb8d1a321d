using CrossLayer.Probe;

namespace CrossLayer.Actors.Graph;

/// <summary>
/// What surrounds a live pipeline. The methods that see what passes are called by one thread at a time; what they throw
/// ends the pipeline.
/// </summary>
public interface IPipelineListener
{
    /// <summary>Brings a probe up: at the start, and again, on any thread, when there was none or the last one died.</summary>
    /// <exception cref="ProbeException">It cannot be; the pipeline goes on without kernel evidence, and asks again later.</exception>
    IKernelProbe StartProbe();

    /// <summary>Sees each batch before the graph takes it; the batch is not valid afterwards.</summary>
    void OnKernelEvents(KernelEventBatch batch);

    /// <summary>Sees correlations once their discrepancies are durable.</summary>
    void OnCorrelations(CorrelationBatch batch);
}
