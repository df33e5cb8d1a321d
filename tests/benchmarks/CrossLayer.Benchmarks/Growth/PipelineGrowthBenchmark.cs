using System.Globalization;
using Akka.Streams.Dsl;
using CrossLayer.Actors.Configuration;
using CrossLayer.Actors.Correlations;
using CrossLayer.Actors.Graph;
using CrossLayer.Benchmarks.Measuring;
using CrossLayer.Benchmarks.Pipeline;
using CrossLayer.Benchmarks.Traffic;
using CrossLayer.Probe;

namespace CrossLayer.Benchmarks.Growth;

/// <summary>What a request costs as connections, and requests in flight, become more; and what each of them holds.</summary>
internal sealed class PipelineGrowthBenchmark : Benchmark
{
    private const string Cpu = "µs CPU/request";
    private const string Bytes = "managed bytes";
    private const int FewConnections = 100;
    private const string Lossy = "a third of the events lost, 20 at a time";
    private const int LostInRow = 20;
    private const int FewPerSecond = 1000;
    private const long LongNs = 20_000_000_000;

    private static readonly int[] Connections = [10, FewConnections, 1000, 10_000];
    private static readonly int[] PerSecond = [FewPerSecond, 10_000, 100_000];

    /// <inheritdoc/>
    internal override string Name => "growth";

    /// <inheritdoc/>
    internal override string Question => "cost of a request as connections go from 10 to 10,000, as more are in flight, and as events are lost; memory of each";

    /// <inheritdoc/>
    internal override async Task<IReadOnlyList<Result>> RunAsync(BenchmarkContext context)
    {
        var requests = context.Pick(30_000, 10_000);
        await using var correlator = OfflineCorrelator.Start(DefaultConfiguration.Load());
        var settings = correlator.Settings;
        var openFor = settings.Settle + settings.Lateness;
        List<Result> results = [];

        var byConnections = await Rounds.RunAsync(context, context.Pick(5, 2),
            [.. Connections.Select(connections => ArmOf(correlator, OnConnections(connections), new SyntheticTraffic(requests, connections, perSecond: 20_000)))]);
        results.AddRange(Connections.Where(connections => connections != FewConnections)
            .Select(connections => byConnections.Ratio(Name, OnConnections(connections), OnConnections(FewConnections), Cpu)));

        var byWindows = await Rounds.RunAsync(context, context.Pick(5, 2),
            [.. PerSecond.Select(perSecond => ArmOf(correlator, InFlight(perSecond, openFor), new SyntheticTraffic(requests, 1000, perSecond)))]);
        results.AddRange(PerSecond.Where(perSecond => perSecond != FewPerSecond)
            .Select(perSecond => byWindows.Ratio(Name, InFlight(perSecond, openFor), InFlight(FewPerSecond, openFor), Cpu)));

        var whole = new SyntheticTraffic(requests, FewConnections, perSecond: 20_000);
        var byLoss = await Rounds.RunAsync(context, context.Pick(5, 2), [ArmOf(correlator, "no events lost", whole), ArmOf(correlator, Lossy, whole, WithLoss)]);
        results.Add(byLoss.Ratio(Name, Lossy, "no events lost", Cpu));

        // One request on each connection: while its window is open, and long after. Twice as many tell what each of them adds.
        var few = context.Pick(7_500, 2_500);
        Held(settings, few);
        var (one, two) = (Held(settings, few), Held(settings, 2 * few));
        results.Add(Value("open window, with its records and its connection", (two.Open - one.Open) / few,
            string.Create(CultureInfo.InvariantCulture, $"what {2 * few:N0} hold beyond {few:N0}; both ends in sight, both applications reporting; without actors")));
        results.Add(Value("idle connection", (two.Idle - one.Idle) / few));
        return results;
    }

    private static string OnConnections(int connections) => string.Create(CultureInfo.InvariantCulture, $"{connections:N0} connections");

    private static string InFlight(int perSecond, TimeSpan openFor) =>
        string.Create(CultureInfo.InvariantCulture, $"{perSecond * openFor.TotalSeconds:N0} windows open");

    private static Arm ArmOf(OfflineCorrelator correlator, string name, SyntheticTraffic traffic, Func<IEnumerable<PipelineInput>, IEnumerable<PipelineInput>>? change = null) => new(name, async () =>
    {
        var cpu = ProcessTime.OwnSeconds;
        var found = 0;
        var inputs = change is null ? traffic.Inputs() : change(traffic.Inputs());
        await correlator.RunAsync(Source.From(inputs), correlator.Settings, batch => found += batch.Correlations.Count);
        cpu = ProcessTime.OwnSeconds - cpu;
        // Where events are lost, both ends' records of a request may stand for themselves.
        return found == traffic.Requests || (change is not null && found > traffic.Requests) ? new Reading((Cpu, cpu * 1e6 / traffic.Requests))
            : throw new InvalidOperationException($"{found} of {traffic.Requests} requests have a verdict");
    });

    private static IEnumerable<PipelineInput> WithLoss(IEnumerable<PipelineInput> inputs)
    {
        var (seen, lost, lastNs) = (0L, 0u, 0UL);
        foreach (var input in inputs)
        {
            if (input is not KernelInput { Batch: var batch })
            {
                yield return input;
                continue;
            }

            var kept = new List<KernelEvent>();
            foreach (ref readonly var e in batch.Events)
            {
                if (seen++ / LostInRow % 3 == 0 && lastNs > 0)
                {
                    lost++;
                    continue;
                }

                if (lost > 0)
                    kept.Add(new KernelEvent { Type = KernelEventType.Lost, TimestampNs = e.TimestampNs, SinceNs = lastNs, LostEvents = lost });
                lost = 0;
                kept.Add(e);
                lastNs = e.TimestampNs;
            }

            yield return new KernelInput(new KernelEventBatch([.. kept], batch.WatermarkNs));
            batch.Dispose();
        }
    }

    private Result Value(string subject, double value, string? note = null) =>
        new() { Benchmark = Name, Subject = subject, Measure = Bytes, Values = Spread.Of(value), Note = note };

    /// <summary>Without the large object heap: there are the arrays for events, pooled, which are as many as the fullest moment of the run needed.</summary>
    private static long ObjectBytes()
    {
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        var generations = GC.GetGCMemoryInfo(GCKind.FullBlocking).GenerationInfo;
        var bytes = 0L;
        for (var generation = 0; generation <= GC.MaxGeneration; generation++)
            bytes += generations[generation].SizeAfterBytes - generations[generation].FragmentationAfterBytes;
        return bytes;
    }

    /// <summary>All requests within less than the time for which a window stays open, then nothing: managed bytes at either time.</summary>
    private static (double Open, double Idle) Held(CorrelationSettings settings, int connections)
    {
        var plain = new PlainThread(settings);
        var (newestNs, verdicts) = (0L, 0);
        var before = ObjectBytes();
        Feed(new SyntheticTraffic(connections, connections, perSecond: 20_000));
        var open = ObjectBytes() - before;
        if (verdicts > connections / 100)
            throw new InvalidOperationException($"{verdicts} of {connections} windows closed too early");
        // The first closes the windows; by the second, what looks at neighbours and retries has let go of them.
        for (var later = 1; later <= 2; later++)
            verdicts += plain.Apply(new KernelInput(new KernelEventBatch([], newestNs + (later * LongNs)))).Count;
        var idle = ObjectBytes() - before;
        GC.KeepAlive(plain);
        return verdicts == connections ? (open, idle)
            : throw new InvalidOperationException($"{verdicts} of {connections} requests have a verdict");

        void Feed(SyntheticTraffic traffic)
        {
            foreach (var input in traffic.Inputs())
            {
                if (input is not KernelInput { Batch: var batch })
                {
                    verdicts += plain.Apply(input).Count;
                    continue;
                }

                // The connections stay open.
                using (batch)
                {
                    var staying = batch.Events.ToArray().Where(e => e.Type != KernelEventType.Close).ToArray();
                    newestNs = staying.Length > 0 ? (long)staying[^1].TimestampNs : newestNs;
                    verdicts += plain.Apply(new KernelInput(new KernelEventBatch(staying, Math.Min(batch.WatermarkNs, newestNs)))).Count;
                }
            }
        }
    }
}
