using CrossLayer.Actors.Configuration;
using CrossLayer.Actors.Connections;
using CrossLayer.Actors.Correlations;
using CrossLayer.Actors.Graph;
using CrossLayer.Benchmarks.Measuring;
using CrossLayer.Benchmarks.Ring;
using CrossLayer.Benchmarks.Traffic;
using CrossLayer.Probe;
using CrossLayer.Probe.Ring;

namespace CrossLayer.Benchmarks.Pipeline;

/// <summary>
/// Managed bytes allocated on the way of a kernel event, exact: each stage runs on this thread, over input that it has seen
/// once before. What a request costs (facts, windows, verdict) is told apart from what an event costs.
/// </summary>
internal sealed class AllocationsBenchmark : Benchmark
{
    private const string PerEvent = "bytes/event";
    private const string PerBatch = "bytes/batch of 1000";
    private const string PerRequest = "bytes/request";

    /// <inheritdoc/>
    internal override string Name => "allocations";

    /// <inheritdoc/>
    internal override string Question => "managed bytes allocated for each kernel event on the hot path (exact)";

    /// <inheritdoc/>
    internal override Task<IReadOnlyList<Result>> RunAsync(BenchmarkContext context)
    {
        var settings = CorrelationSettings.From(DefaultConfiguration.Load());
        var traffic = new SyntheticTraffic(20_000, connections: 64, perSecond: 20_000);
        List<Result> results = [];
        if (!DrainLibrary.IsHere || !Environment.IsPrivilegedProcess)
            context.Say("ring to batch: left out: it needs root, and the C consumer that scripts/benchmark.sh builds");
        else
            results.Add(Exact("ring to batch", PerEvent, ReadRing(), Target.AtMost(0)));
        results.Add(Exact("order of time and spreading over shards", PerEvent, Order(settings, eventsPerBatch: 1000).PerEvent, Target.AtMost(0), "by which 1,000 events more in a batch change what is allocated"));
        results.Add(Exact("order of time and spreading over shards", PerBatch, Order(settings, 1000).PerBatch));
        results.Add(Exact("exchange assembly, within an exchange", PerEvent, Within(settings), Target.AtMost(0)));
        results.Add(Exact("exchange assembly, both ends", PerRequest, Assembly(settings, traffic)));
        results.Add(Exact("all of it on a plain thread, to the verdict", PerRequest, Whole(settings, traffic)));
        return Task.FromResult<IReadOnlyList<Result>>(results);
    }

    private Result Exact(string subject, string measure, double value, Target? target = null, string? note = null) =>
        new() { Benchmark = Name, Subject = subject, Measure = measure, Values = Spread.Of(value), Target = target, Note = note };

    private static double ReadRing()
    {
        var map = DrainLibrary.bench_open(DrainLibrary.Object);
        if (map < 0)
            throw new InvalidOperationException("the kernel does not take the program that fills the ring");
        try
        {
            using var ring = new MappedRing(map, 16 << 20);
            using var batch = new KernelEventBatch(1024);
            ring.Read(batch.Free, out _);
            var made = DrainLibrary.bench_fill(100);
            var before = GC.GetAllocatedBytesForCurrentThread();
            var read = 0;
            for (int count; (count = ring.Read(batch.Free, out _)) > 0;)
                read += count;
            var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            return read == made ? (double)allocated / read : throw new InvalidOperationException($"{made} events were made, {read} read");
        }
        finally
        {
            DrainLibrary.bench_close();
        }
    }

    /// <summary>Two sizes of batch tell what a batch allocates from what an event does.</summary>
    private static (double PerEvent, double PerBatch) Order(CorrelationSettings settings, int eventsPerBatch)
    {
        var order = new EventOrder(settings.Shards);
        var events = new KernelEvent[2 * eventsPerBatch];
        var timeNs = 1L;
        var (small, large) = (0L, 0L);
        const int rounds = 200;
        for (var i = 0; i < rounds; i++)
        {
            var (one, two) = (Step(eventsPerBatch), Step(2 * eventsPerBatch));
            if (i >= rounds / 2)
                (small, large) = (small + one, large + two);
        }

        return ((double)(large - small) / (rounds / 2 * eventsPerBatch), small / (rounds / 2d));

        long Step(int count)
        {
            for (var i = 0; i < count; i++)
                events[i] = new KernelEvent { Type = KernelEventType.Send, TimestampNs = (ulong)timeNs++, LocalPort = (ushort)(20_000 + (i % 64)), PeerPort = 8080, SocketCookie = 1 };
            var input = new KernelInput(new KernelEventBatch(events.AsSpan(0, count), timeNs));
            var before = GC.GetAllocatedBytesForCurrentThread();
            foreach (var batch in order.Apply(input))
                batch.Dispose();
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }
    }

    /// <summary>A long response: one exchange, many events.</summary>
    private static double Within(CorrelationSettings settings)
    {
        var assembler = new ExchangeAssembler(settings.ExchangeTimes, settings.MaxSockets);
        var facts = new List<ConnectionFact>();
        var e = new SyntheticTraffic(1, 1, 1000).Events.First(e => e.Type == KernelEventType.Send && e.Role == SocketRole.Active);
        assembler.Apply(in e, facts);
        e.Type = KernelEventType.Recv;
        const int events = 100_000;
        var before = 0L;
        for (var i = 0; i < events + 1000; i++)
        {
            if (i == 1000)
                before = GC.GetAllocatedBytesForCurrentThread();
            (e.TimestampNs, e.Bytes) = (e.TimestampNs + 1000, 1000);
            (e.Received, e.Copied) = (e.Received + 1000, e.Copied + 1000);
            assembler.Apply(in e, facts);
        }

        return (double)(GC.GetAllocatedBytesForCurrentThread() - before) / events;
    }

    private static double Assembly(CorrelationSettings settings, SyntheticTraffic traffic)
    {
        var assembler = new ExchangeAssembler(settings.ExchangeTimes, settings.MaxSockets);
        var facts = new List<ConnectionFact>(4096);
        var events = traffic.Events.ToArray();
        var before = GC.GetAllocatedBytesForCurrentThread();
        foreach (ref readonly var e in events.AsSpan())
        {
            assembler.Apply(in e, facts);
            if (facts.Count > 4000)
                facts.Clear();
        }

        return (double)(GC.GetAllocatedBytesForCurrentThread() - before) / traffic.Requests;
    }

    private static double Whole(CorrelationSettings settings, SyntheticTraffic traffic)
    {
        var plain = new PlainThread(settings);
        List<PipelineInput> inputs = [.. traffic.Inputs(), new EndOfInput()];
        var before = GC.GetAllocatedBytesForCurrentThread();
        foreach (var input in inputs)
            plain.Apply(input);
        return (double)(GC.GetAllocatedBytesForCurrentThread() - before) / traffic.Requests;
    }
}
