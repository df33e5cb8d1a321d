using CrossLayer.Actors.Kernel;
using CrossLayer.Host.Files;
using CrossLayer.Host.Ingest;
using CrossLayer.Host.Outputs.Cluster;

namespace CrossLayer.Host.Outputs.Metrics;

/// <summary>Puts the page together that Prometheus reads.</summary>
/// <param name="correlations">What was counted of correlations.</param>
/// <param name="readings">The rest of the daemon.</param>
/// <param name="outputs">The outputs.</param>
/// <param name="streamClients">Readers of the live stream.</param>
internal sealed class MetricsPage(
    CorrelationMetrics correlations, DaemonReadings readings, Func<IReadOnlyList<OutputReading>> outputs, Func<int> streamClients)
{
    private static readonly EnumNames<Rejection> Rejections = new();

    /// <summary>Writes it as it is now.</summary>
    /// <param name="probe">How the probe is doing; null where it does not answer.</param>
    /// <param name="nowNs">Now, CLOCK_MONOTONIC nanoseconds.</param>
    public string Write(ProbeStatus? probe, long nowNs)
    {
        var writer = new MetricsWriter();
        correlations.Write(writer, nowNs);
        WriteProbe(writer, probe);
        WriteLimits(writer);
        WriteSources(writer);
        WriteJournal(writer);
        WriteOutputs(writer);
        ClusterMetrics.Write(writer, readings.Cluster());
        ProcessMetrics.Write(writer);
        return writer.ToString();
    }

    private void WriteProbe(MetricsWriter writer, ProbeStatus? probe)
    {
        writer.Write(MetricCatalogue.ProbeUp, probe is { Outage: null } ? 1 : 0);
        if (probe is not null)
        {
            var counters = probe.Counters;
            writer.Write(MetricCatalogue.EventsMade, counters.Made);
            writer.Write(MetricCatalogue.EventsRead, counters.Read);
            writer.Write(MetricCatalogue.EventsLost, counters.Lost);
            writer.Write(MetricCatalogue.EventsMissed, counters.Missed);
            writer.Write(MetricCatalogue.MissingHooks, probe.Hooks.Count(hook => hook.Missing is not null));
            writer.Write(MetricCatalogue.Summarises, probe.Summarises ? 1 : 0);
        }

        if (readings.ProbeCost() is not { } cost)
            return;
        writer.Write(MetricCatalogue.RingUsed, cost.RingUsedBytes);
        writer.Write(MetricCatalogue.RingSize, cost.RingBytes);
        writer.Write(MetricCatalogue.ProgramTime, cost.RunTimeNs / 1e9);
        writer.Write(MetricCatalogue.ProgramRuns, cost.Runs);
    }

    private void WriteLimits(MetricsWriter writer)
    {
        writer.Write(MetricCatalogue.SocketsLimit, readings.Limits.MaxSockets);
        writer.Write(MetricCatalogue.WindowsLimit, readings.Limits.MaxWindowsPerConnection);
    }

    private void WriteSources(MetricsWriter writer)
    {
        // Two servers may share a source's name.
        var sources = readings.Intakes().GroupBy(intake => intake.Source).ToList();
        writer.Begin(MetricCatalogue.RecordsAccepted);
        foreach (var source in sources)
            writer.Sample(MetricCatalogue.RecordsAccepted, source.Sum(intake => intake.Accepted), source.Key);
        writer.Begin(MetricCatalogue.RecordsRejected);
        foreach (var source in sources)
        {
            foreach (var reason in Enum.GetValues<Rejection>())
            {
                writer.Sample(
                    MetricCatalogue.RecordsRejected, source.Sum(intake => intake.Rejected.GetValueOrDefault(reason)),
                    source.Key, Rejections[reason].Value);
            }
        }

        writer.Begin(MetricCatalogue.Shed);
        foreach (var (what, count) in readings.Shed())
            writer.Sample(MetricCatalogue.Shed, count, what);
    }

    private void WriteJournal(MetricsWriter writer)
    {
        var journal = readings.Journal();
        writer.Write(MetricCatalogue.JournalUp, journal.Writable ? 1 : 0);
        writer.Begin(MetricCatalogue.JournalWrites);
        writer.Sample(MetricCatalogue.JournalWrites, journal.Written, "written");
        writer.Sample(MetricCatalogue.JournalWrites, journal.Failed, "failed");
    }

    private void WriteOutputs(MetricsWriter writer)
    {
        var all = outputs();
        writer.Begin(MetricCatalogue.OutputEvents);
        foreach (var output in all)
        {
            writer.Sample(MetricCatalogue.OutputEvents, output.Delivered, output.Output, "delivered");
            writer.Sample(MetricCatalogue.OutputEvents, output.Dropped, output.Output, "dropped");
        }

        writer.Begin(MetricCatalogue.OutputRetries);
        foreach (var output in all)
            writer.Sample(MetricCatalogue.OutputRetries, output.Retries, output.Output);
        writer.Begin(MetricCatalogue.OutputWaiting);
        foreach (var output in all)
            writer.Sample(MetricCatalogue.OutputWaiting, output.Waiting, output.Output);
        writer.Write(MetricCatalogue.StreamClients, streamClients());
    }
}
