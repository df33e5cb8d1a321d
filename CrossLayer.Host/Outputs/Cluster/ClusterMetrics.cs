using CrossLayer.Actors.Cluster;
using CrossLayer.Host.Outputs.Metrics;

namespace CrossLayer.Host.Outputs.Cluster;

/// <summary>What a host has to say of its part in the cluster.</summary>
internal static class ClusterMetrics
{
    /// <summary>Writes it; nothing where the host is alone.</summary>
    public static void Write(MetricsWriter writer, ClusterReading? reading)
    {
        ArgumentNullException.ThrowIfNull(writer);
        if (reading is null)
            return;
        var counters = reading.Counters;
        writer.Write(MetricCatalogue.ClusterMembers, reading.Members.Count(member => member.Status == "up"));
        writer.Write(MetricCatalogue.ClusterUnreachable, reading.Members.Count(member => !member.Reachable));
        writer.Write(MetricCatalogue.ClusterLanes, reading.Lanes.Count);
        writer.Begin(MetricCatalogue.ClusterHalves);
        writer.Sample(MetricCatalogue.ClusterHalves, counters.Halves, "sent");
        writer.Sample(MetricCatalogue.ClusterHalves, counters.Again, "sent_again");
        writer.Sample(MetricCatalogue.ClusterHalves, counters.GivenUp, "given_up");
        writer.Sample(MetricCatalogue.ClusterHalves, counters.Refused, "refused");
        writer.Write(MetricCatalogue.ClusterMessages, counters.Messages);
        writer.Write(MetricCatalogue.ClusterJoined, counters.Joined);
        writer.Write(MetricCatalogue.ClusterTwice, counters.Twice);
        writer.Write(MetricCatalogue.ClusterWaiting, reading.Waiting);
        writer.Write(MetricCatalogue.ClusterLag, reading.OldestMs / 1e3);
    }
}
