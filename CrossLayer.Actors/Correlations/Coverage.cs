using System.Collections.Immutable;
using System.Text.Json;
using CrossLayer.Actors.Requests;
using CrossLayer.Probe;

namespace CrossLayer.Actors.Correlations;

/// <summary>The stretch of time that kernel evidence covers, and the gaps in it. CLOCK_MONOTONIC nanoseconds.</summary>
/// <param name="StartNs">The first kernel event; <see cref="long.MaxValue"/> before there is one.</param>
/// <param name="EndNs">The last kernel event, once the source has ended; <see cref="long.MaxValue"/> while it goes on.</param>
/// <param name="Losses">Intervals in which events were lost, oldest first; beyond a bound the two oldest count as one, with what lies between them.</param>
public sealed record Coverage(long StartNs, long EndNs, IReadOnlyList<LossInterval> Losses)
{
    private const int MaxLosses = 256;
    private const int MaxReporters = 1024;

    /// <summary>Nothing is covered yet.</summary>
    public static Coverage None { get; } = new(long.MaxValue, long.MaxValue, []);

    /// <summary>Servers' endpoints whose application reports its requests, and when the first of these had ended.</summary>
    public ImmutableDictionary<Endpoint, long> ReportingServers { get; init; } = ImmutableDictionary<Endpoint, long>.Empty;

    /// <summary>From when on records may be missing, since no more are taken; <see cref="long.MaxValue"/> while they are.</summary>
    public long RecordsEndNs { get; init; } = long.MaxValue;

    /// <summary>Types of kernel events that the hooks do not tell of, or not of all, and since when. It never ends.</summary>
    public ImmutableSortedDictionary<KernelEventType, long> Missing { get; init; } = ImmutableSortedDictionary<KernelEventType, long>.Empty;

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

    /// <summary>
    /// Adds a loss. One that goes on where the last one ended is the same loss, so that a long one, marked piece by piece,
    /// does not push out those before it.
    /// </summary>
    public Coverage With(LossInterval loss) => Losses is [.., var last] && loss.StartNs <= last.EndNs && loss.EndNs >= last.StartNs
        ? this with { Losses = [.. Losses.SkipLast(1), last.And(loss)] }
        : Losses.Count < MaxLosses ? this with { Losses = [.. Losses, loss] }
        : this with { Losses = [Losses[0].And(Losses[1]), .. Losses.Skip(2), loss] };

    /// <summary>Adds a type of events that the hooks do not tell of from a time on.</summary>
    public Coverage WithMissing(KernelEventType type, long sinceNs) =>
        Missing.TryGetValue(type, out var known) && known <= sinceNs ? this : this with { Missing = Missing.SetItem(type, sinceNs) };

    /// <summary>What of it concerns a span of time alone: who reports is not told, nor losses elsewhere.</summary>
    public Coverage Around(long startNs, long endNs) => this with
    {
        Losses = [.. Losses.Where(loss => loss.StartNs <= endNs && loss.EndNs >= startNs)],
        ReportingServers = ImmutableDictionary<Endpoint, long>.Empty,
    };

    /// <summary>What two kernels' evidence covers where both are needed, on one clock.</summary>
    public Coverage And(Coverage other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return new Coverage(Math.Max(StartNs, other.StartNs), Math.Min(EndNs, other.EndNs), [.. Losses.Concat(other.Losses).OrderBy(loss => loss.StartNs)])
        {
            Missing = other.Missing.Aggregate(this, (sum, pair) => sum.WithMissing(pair.Key, pair.Value)).Missing,
        };
    }

    /// <summary>Which events the hooks did not tell of by a time, in words; null if none.</summary>
    public string? MissingBy(long ns)
    {
        if (Missing.IsEmpty)
            return null;
        var types = Missing.Where(pair => pair.Value <= ns).Select(pair => JsonNamingPolicy.SnakeCaseLower.ConvertName(pair.Key.ToString())).ToList();
        return types.Count == 0 ? null : $"this kernel's hooks do not tell of {string.Join(" and ", types)} events, or not of all";
    }

    /// <summary>Events were lost in a span of time.</summary>
    public bool HasLoss(long startNs, long endNs) => Losses.Any(loss => loss.StartNs <= endNs && loss.EndNs >= startNs);

    /// <summary>Why nothing can be said about a span of time from the absence of events; null if all of it is covered.</summary>
    public string? Gap(long startNs, long endNs)
    {
        if (MissingBy(endNs) is { } missing)
            return missing;
        if (StartNs == long.MaxValue)
            return "there are no kernel events";
        if (startNs < StartNs)
            return "the request began before the first kernel event";
        if (endNs > EndNs)
            return "the request ended after the last kernel event";
        return HasLoss(startNs, endNs) ? "kernel events were lost in the request's time" : null;
    }
}

/// <summary>Kernel events were lost in this interval. CLOCK_MONOTONIC nanoseconds, both ends included.</summary>
public readonly record struct LossInterval(long StartNs, long EndNs, long Events)
{
    /// <summary>The interval that covers both.</summary>
    public LossInterval And(LossInterval other) => new(Math.Min(StartNs, other.StartNs), Math.Max(EndNs, other.EndNs), Events + other.Events);
}
