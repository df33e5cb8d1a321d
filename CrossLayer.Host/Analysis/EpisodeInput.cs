using CrossLayer.Actors.Correlations;
using CrossLayer.Host.Files;

namespace CrossLayer.Host.Analysis;

/// <summary>All that a detector may see of an episode: what applications reported, and what the kernel saw at their sockets.</summary>
internal sealed record EpisodeInput : EpisodeRecords
{
    /// <summary>What clients' applications reported.</summary>
    public const string ClientFile = "client_metrics.json";

    /// <summary>What servers' applications reported.</summary>
    public const string ServerFile = "server_metrics.json";

    /// <summary>What the kernel saw.</summary>
    public const string KernelFile = "ebpf_events.json";

    /// <summary>What the layers add up to.</summary>
    public const string CorrelationFile = "correlations.json";

    /// <summary>What the kernel saw, in the order in which it was read.</summary>
    public required IReadOnlyList<DatedKernelEvent> KernelEvents { get; init; }

    /// <summary>What the pipeline makes of all this.</summary>
    public required IReadOnlyList<Correlation> Correlations { get; init; }

    /// <summary>What the pipeline makes of the client's end alone: its records, and what the kernel of its host saw.</summary>
    public required IReadOnlyList<Correlation> ClientEndCorrelations { get; init; }

    /// <summary>What the pipeline makes of the server's end alone.</summary>
    public required IReadOnlyList<Correlation> ServerEndCorrelations { get; init; }
}
