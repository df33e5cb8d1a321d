using System.Collections.Immutable;
using CrossLayer.Actors.Requests;
using CrossLayer.Probe;

namespace CrossLayer.Actors.Correlations;

/// <summary>The stretch of time that kernel evidence covers, and the gaps in it. CLOCK_MONOTONIC nanoseconds.</summary>
/// <param name="StartNs">The first kernel event; <see cref="long.MaxValue"/> before there is one.</param>
/// <param name="EndNs">The last kernel event, once the source has ended; <see cref="long.MaxValue"/> while it goes on.</param>
/// <param name="Losses">Intervals in which events were lost, oldest first; only the newest are kept.</param>
public sealed record Coverage(long StartNs, long EndNs, IReadOnlyList<LossInterval> Losses)
{
    private const int MaxLosses = 256;
    private const int MaxReporters = 1024;

    /// <summary>Nothing is covered yet.</summary>
    public static Coverage None { get; } = new(long.MaxValue, long.MaxValue, []);

    /// <summary>Servers' endpoints whose application reports its requests, and when the first of these had ended.</summary>
    public ImmutableDictionary<Endpoint, long> ReportingServers { get; init; } = ImmutableDictionary<Endpoint, long>.Empty;

    /// <summary>When the first request had ended that the application at an endpoint reported; <see cref="long.MaxValue"/> if none.</summary>
    public long ServerReportsSinceNs(Endpoint endpoint) => ReportingServers.GetValueOrDefault(endpoint, long.MaxValue);

    /// <summary>Adds a record's reporter.</summary>
    public Coverage With(TimedRecord record)
    {
        ArgumentNullException.ThrowIfNull(record);
        return record is { Record: { Role: RequestRole.Server, Local: { } endpoint }, EndNs: { } end } && end < ServerReportsSinceNs(endpoint)
            && (ReportingServers.Count < MaxReporters || ReportingServers.ContainsKey(endpoint))
            ? this with { ReportingServers = ReportingServers.SetItem(endpoint, end) }
            : this;
    }

    /// <summary>Adds a loss.</summary>
    public Coverage With(LossInterval loss) =>
        this with { Losses = [.. Losses.Skip(Math.Max(0, Losses.Count - MaxLosses + 1)), loss] };

    /// <summary>Why nothing can be said about a span of time from the absence of events; null if all of it is covered.</summary>
    public string? Gap(long startNs, long endNs)
    {
        if (StartNs == long.MaxValue)
            return "there are no kernel events";
        if (startNs < StartNs)
            return "the request began before the first kernel event";
        if (endNs > EndNs)
            return "the request ended after the last kernel event";
        return Losses.Any(loss => loss.StartNs <= endNs && loss.EndNs >= startNs) ? "kernel events were lost in the request's time" : null;
    }
}

/// <summary>Kernel events were lost in this interval. CLOCK_MONOTONIC nanoseconds, both ends included.</summary>
public readonly record struct LossInterval(long StartNs, long EndNs, long Events);
