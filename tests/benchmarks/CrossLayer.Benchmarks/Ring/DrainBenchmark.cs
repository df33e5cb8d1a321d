using CrossLayer.Benchmarks.Measuring;
using CrossLayer.Probe;
using CrossLayer.Probe.Ring;

namespace CrossLayer.Benchmarks.Ring;

/// <summary>The probe's reader against libbpf's, on one ring that is filled anew for each.</summary>
internal sealed class DrainBenchmark : Benchmark
{
    private const string Rate = "M events/s of CPU";
    private const string Product = "C#, mapped ring to pooled batches";
    private const string Reference = "C, libbpf";
    private const uint RingBytes = 16 << 20;
    private const int FillRuns = 320; // of 256 events each: 16 MiB hold 83,886
    private const int BatchEvents = 1024; // as the probe's

    /// <inheritdoc/>
    internal override string Name => "drain";

    /// <inheritdoc/>
    internal override string Question => "reading the ring, against C with libbpf";

    /// <inheritdoc/>
    internal override async Task<IReadOnlyList<Result>> RunAsync(BenchmarkContext context)
    {
        if (!DrainLibrary.IsHere)
            throw new SkippedException($"{DrainLibrary.Folder}/drain.so is not there: scripts/benchmark.sh builds it");
        var map = DrainLibrary.bench_open(DrainLibrary.Object);
        if (map < 0)
            throw new SkippedException("the kernel does not take the program that fills the ring: it needs root");
        try
        {
            using var ring = new MappedRing(map, RingBytes);
            var rounds = await Rounds.RunAsync(context, context.Pick(15, 5),
            [
                new Arm(Product, () => Drain(() => DrainMapped(ring))),
                new Arm(Reference, () => Drain(DrainLibrary.bench_drain)),
            ]);
            return [rounds.Ratio(Name, Product, Reference, Rate, Target.AtLeast(1), $"{FillRuns * 256:N0} events of 192 bytes in the ring, forty times a round")];
        }
        finally
        {
            DrainLibrary.bench_close();
        }
    }

    private static Reading Drain(Func<long> drain)
    {
        var (events, ns) = (0L, 0L);
        for (var i = 0; i < 40; i++)
        {
            var made = DrainLibrary.bench_fill(FillRuns);
            // The thread's own time: both only read, and others use the machine.
            var start = ProcessTime.ThreadNs();
            var read = drain();
            ns += ProcessTime.ThreadNs() - start;
            if (read != made)
                throw new InvalidOperationException($"{made} events were made, {read} read");
            events += read;
        }

        return new Reading((Rate, events * 1e3 / ns));
    }

    private static long DrainMapped(MappedRing ring)
    {
        for (var events = 0L; ;)
        {
            using var batch = new KernelEventBatch(BatchEvents);
            batch.Count = ring.Read(batch.Free[..BatchEvents], out _);
            events += batch.Count;
            if (batch.Count < BatchEvents)
                return events;
        }
    }
}
