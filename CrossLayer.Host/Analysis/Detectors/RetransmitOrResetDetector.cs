using CrossLayer.Probe;

namespace CrossLayer.Host.Analysis.Detectors;

/// <summary>Kernel-only: how many segments, SYNs and SYN-ACKs were sent again, and resets sent or received, while the request was there.</summary>
internal sealed class RetransmitOrResetDetector : KernelDetector
{
    /// <inheritdoc/>
    public override string Name => "any_retransmit_or_reset";

    /// <inheritdoc/>
    protected override IEnumerable<Sign> Watch(RequestEvents request)
    {
        var count = 0;
        foreach (var dated in request.During)
            if (dated.Event.Type is KernelEventType.Retransmit or KernelEventType.SynackRetransmit
                or KernelEventType.ResetSent or KernelEventType.ResetReceived)
                yield return new Sign(++count, dated.UnixNs);
    }
}
