namespace CrossLayer.Probe;

/// <summary>How exchanges are told of.</summary>
public enum ProbeMode
{
    /// <summary>Each call and acknowledgement by itself; in summaries while the ring fills faster than it is read.</summary>
    Auto,

    /// <summary>Each call and acknowledgement by itself, always.</summary>
    Full,

    /// <summary>In summaries, always: one record for what a socket did in an exchange (bpf/summaries.h).</summary>
    Summary,
}
