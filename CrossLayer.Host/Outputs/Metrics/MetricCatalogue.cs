using System.Reflection;
using static CrossLayer.Host.Outputs.Metrics.MetricKind;

namespace CrossLayer.Host.Outputs.Metrics;

/// <summary>Every metric there is: what is printed, what docs/metrics.md lists, and what dashboard and rules may ask for.</summary>
internal static class MetricCatalogue
{
    // Requests.
    internal static readonly Metric Requests = new(
        "crosslayer_requests_total", Counter,
        "Requests as applications reported them, one for each side that reported; role none: seen by the kernel alone.",
        "service", "route", "role", "verdict");

    internal static readonly Metric RequestErrors = new(
        "crosslayer_request_errors_total", Counter, "Reported requests that their application says went wrong.", "service", "route", "role", "result");

    internal static readonly Metric RequestDuration = new(
        "crosslayer_request_duration_seconds", Histogram, "How long requests took, as their application measured it.", "service", "route", "role");

    internal static readonly Metric Correlations = new(
        "crosslayer_correlations_total", Counter, "Requests with a verdict, each counted once whoever reported it.", "verdict");

    internal static readonly Metric Discrepancies = new(
        "crosslayer_discrepancies_total", Counter, "Discrepancies found.", "cause", "service", "blind_layer");

    internal static readonly Metric Places = new(
        "crosslayer_discrepancy_places_total", Counter, "Discrepancies by where on its way the request met with trouble.", "place");

    internal static readonly Metric Matches = new(
        "crosslayer_matches_total", Counter, "Requests by how their records were matched with kernel evidence.", "method");

    internal static readonly Metric LabelOverflow = new(
        "crosslayer_label_overflow_total", Counter, "Requests counted under the service and route 'other', because there were too many pairs of them.");

    internal static readonly Metric LabelPairs = new("crosslayer_label_pairs", Gauge, "Pairs of service and route that have labels of their own.");
    internal static readonly Metric LabelPairsLimit = new("crosslayer_label_pairs_limit", Gauge, "The most such pairs there can be.");

    // Kernel events.
    internal static readonly Metric EventsMade = new("crosslayer_kernel_events_made_total", Counter, "Kernel events that the kernel side made.");
    internal static readonly Metric EventsRead = new("crosslayer_kernel_events_read_total", Counter, "Kernel events that were read.");

    internal static readonly Metric EventsLost = new(
        "crosslayer_kernel_events_lost_total", Counter, "Kernel events for which the ring had no room.");

    internal static readonly Metric EventsMissed = new(
        "crosslayer_kernel_events_missed_total", Counter, "Runs of the probe's programs that the kernel skipped; each may have been an event.");

    internal static readonly Metric EventsLate = new(
        "crosslayer_kernel_events_late_total", Counter, "Kernel events that came behind the watermark.");

    internal static readonly Metric EventsSkipped = new(
        "crosslayer_kernel_events_skipped_total", Counter, "Kernel events of sockets beyond the most that are followed.");

    internal static readonly Metric ProbeUp = new("crosslayer_probe_up", Gauge, "1 while there is kernel evidence.");

    internal static readonly Metric MissingHooks = new(
        "crosslayer_probe_missing_hooks", Gauge, "Kinds of kernel events that no hook tells of.");

    internal static readonly Metric Summarises = new(
        "crosslayer_probe_summarises", Gauge, "1 while the kernel side tells of exchanges in summaries.");

    internal static readonly Metric RingUsed = new("crosslayer_ring_used_bytes", Gauge, "Bytes in the ring that are not given back yet.");
    internal static readonly Metric RingSize = new("crosslayer_ring_size_bytes", Gauge, "The ring's size.");

    internal static readonly Metric ProgramTime = new(
        "crosslayer_probe_run_seconds_total", Counter, "Time the probe's programs took in the kernel, while kernel.bpf_stats_enabled was on.");

    internal static readonly Metric ProgramRuns = new(
        "crosslayer_probe_runs_total", Counter, "Runs of the probe's programs in that time.");

    // The pipeline.
    internal static readonly Metric WatermarkLag = new(
        "crosslayer_watermark_lag_seconds", Gauge, "How far the graph's watermark is behind now.");

    internal static readonly Metric VerdictDelay = new(
        "crosslayer_verdict_delay_seconds", Histogram, "From a request's last kernel event to its verdict.");

    internal static readonly Metric Batches = new("crosslayer_graph_batches_total", Counter, "Batches that went through the graph, its heartbeat.");

    internal static readonly Metric UnclaimedExchanges = new(
        "crosslayer_unclaimed_exchanges_total", Counter, "Exchanges on connections whose requests nobody reports.");

    internal static readonly Metric CrowdedRecords = new(
        "crosslayer_records_crowded_total", Counter, "Records turned away because too many of their connection waited, or named too many connections.");

    internal static readonly Metric LateRecords = new(
        "crosslayer_records_late_total", Counter, "Records that came later than the lateness allows.");

    internal static readonly Metric ForgottenAttempts = new(
        "crosslayer_attempts_forgotten_total", Counter, "Unanswered requests no longer remembered when a retry of theirs might still come.");

    internal static readonly Metric Sockets = new("crosslayer_sockets", Gauge, "Sockets that are followed.");
    internal static readonly Metric SocketsLimit = new("crosslayer_sockets_limit", Gauge, "The most sockets that are followed.");
    internal static readonly Metric Connections = new("crosslayer_connections", Gauge, "Connections that the graph holds.");

    internal static readonly Metric WaitingConnections = new(
        "crosslayer_connections_waiting", Gauge, "Connections with requests that wait for their verdict.");

    internal static readonly Metric WindowsLimit = new(
        "crosslayer_windows_per_connection_limit", Gauge, "The most records and exchanges that may wait on one connection.");

    internal static readonly Metric RecordsAccepted = new(
        "crosslayer_records_accepted_total", Counter, "Records that the pipeline took.", "source");

    internal static readonly Metric RecordsRejected = new(
        "crosslayer_records_rejected_total", Counter, "What came to a source and became no record.", "source", "reason");

    internal static readonly Metric Shed = new(
        "crosslayer_shed_total", Counter, "What was not processed because the daemon could not keep up.", "what");

    // The journal and the outputs.
    internal static readonly Metric JournalUp = new("crosslayer_journal_up", Gauge, "1 while the journal can be written.");

    internal static readonly Metric JournalWrites = new(
        "crosslayer_journal_writes_total", Counter, "Discrepancies handed to the journal, by what became of them.", "outcome");

    internal static readonly Metric OutputEvents = new(
        "crosslayer_output_events_total", Counter, "Correlations handed to an output, by what became of them.", "output", "outcome");

    internal static readonly Metric OutputRetries = new(
        "crosslayer_output_retries_total", Counter, "Attempts to deliver that failed and were made again.", "output");

    internal static readonly Metric OutputWaiting = new(
        "crosslayer_output_waiting", Gauge, "Correlations that wait for an output.", "output");

    internal static readonly Metric StreamClients = new("crosslayer_stream_clients", Gauge, "Readers of the live stream.");

    // The cluster; absent where the host is alone.
    internal static readonly Metric ClusterMembers = new("crosslayer_cluster_members", Gauge, "Members that are up, this one too.");
    internal static readonly Metric ClusterUnreachable = new("crosslayer_cluster_unreachable_members", Gauge, "Members that this host does not hear of.");
    internal static readonly Metric ClusterLanes = new("crosslayer_cluster_lanes", Gauge, "Lanes that are on this host.");

    internal static readonly Metric ClusterHalves = new(
        "crosslayer_cluster_halves_total", Counter, "Requests with their other end on another host, by what became of what is known of them here.", "outcome");

    internal static readonly Metric ClusterMessages = new("crosslayer_cluster_messages_total", Counter, "Messages in which they went.");
    internal static readonly Metric ClusterJoined = new("crosslayer_cluster_joined_total", Counter, "Requests between hosts that were decided for this one to report.");

    internal static readonly Metric ClusterTwice = new(
        "crosslayer_cluster_twice_total", Counter, "Requests that came decided once more, and were not reported again.");

    internal static readonly Metric ClusterWaiting = new("crosslayer_cluster_waiting", Gauge, "Requests that wait here for being brought together.");
    internal static readonly Metric ClusterLag = new("crosslayer_cluster_lag_seconds", Gauge, "How long the oldest of them has waited.");

    // The process.
    internal static readonly Metric ProcessCpu = new(
        "process_cpu_seconds_total", Counter, "Processor time of this process, user and system.");

    internal static readonly Metric ProcessMemory = new("process_resident_memory_bytes", Gauge, "Resident memory of this process.");
    internal static readonly Metric ProcessStart = new("process_start_time_seconds", Gauge, "When this process started, in seconds since the Unix epoch.");
    internal static readonly Metric ProcessFiles = new("process_open_fds", Gauge, "Open file descriptors of this process.");
    internal static readonly Metric ManagedHeap = new("crosslayer_managed_heap_bytes", Gauge, "Managed memory in use.");

    internal static readonly Metric Collections = new(
        "crosslayer_garbage_collections_total", Counter, "Garbage collections, by the oldest generation collected.", "generation");

    internal static readonly Metric BuildInfo = new("crosslayer_build_info", Gauge, "1; the label says which version this is.", "version");

    /// <summary>All of them, in the order above.</summary>
    public static IReadOnlyList<Metric> All { get; } =
    [
        .. typeof(MetricCatalogue).GetFields(BindingFlags.Static | BindingFlags.NonPublic)
            .Where(field => field.FieldType == typeof(Metric))
            .Select(field => (Metric)field.GetValue(null)!),
    ];
}
