using CrossLayer.Actors.Requests;
using CrossLayer.Benchmarks.Measuring;
using CrossLayer.Benchmarks.Traffic;
using CrossLayer.Host.Files;

namespace CrossLayer.Benchmarks.Offline;

/// <summary><c>crosslayer correlate</c> from start to end, against a Python program of the kind a researcher would write.</summary>
internal sealed class OfflineBenchmark : Benchmark
{
    private const string Seconds = "s";
    private const string Memory = "MB at most";
    private const string Product = "crosslayer correlate";
    private const string Reference = "plain Python";

    /// <inheritdoc/>
    internal override string Name => "offline";

    /// <inheritdoc/>
    internal override string Question => "correlating two files, process start included, against plain Python";

    /// <inheritdoc/>
    internal override async Task<IReadOnlyList<Result>> RunAsync(BenchmarkContext context)
    {
        var python = Nginx.Tool.Find("python3");
        var traffic = new SyntheticTraffic(context.Pick(100_000, 10_000), 256, 20_000);
        var (records, events) = (context.Path("records.json"), context.Path("events.json"));
        context.Say("writing the files");
        var bytes = Write(traffic, records, events);
        var rounds = await Rounds.RunAsync(context, context.Pick(3, 2),
        [
            new Arm(Product, () => Measure("dotnet",
                [BenchmarkContext.Program, "correlate", "--app-metrics", records, "--ebpf-events", events, "--output", context.Path("product.json")], context.Cancellation)),
            new Arm(Reference, () => Measure(python,
                [Path.Combine(AppContext.BaseDirectory, "correlate.py"), records, events, context.Path("python.json")], context.Cancellation)),
        ], warmUp: false);
        return
        [
            // How many times faster: Python's time by the product's.
            rounds.Ratio(Name, Reference, Product, Seconds, Target.AtLeast(5), FormattableString.Invariant($"{traffic.Requests:N0} requests, {traffic.Records.Count:N0} records, {traffic.Events.Count:N0} events, {bytes / 1e6:0} MB of JSON; Python neither aligns nor diagnoses")),
            rounds.Ratio(Name, Product, Reference, Memory, Target.AtMost(0.1)),
        ];
    }

    private static async Task<Reading> Measure(string program, IEnumerable<string> arguments, CancellationToken cancellation)
    {
        var finished = await Finished.RunAsync(program, arguments, cancellation);
        return new Reading((Seconds, finished.Seconds), (Memory, finished.PeakBytes / 1e6));
    }

    private static long Write(SyntheticTraffic traffic, string records, string events)
    {
        using (var writer = RecordWriter<RequestRecord>.Create(records, RequestRecordJson.Kind))
            writer.Append([.. traffic.Records.Select(record => record.Record)]);
        using (var writer = RecordWriter<DatedKernelEvent>.Create(events, KernelEventJson.Kind))
            foreach (var chunk in traffic.Events.Chunk(10_000))
                writer.Append([.. chunk.Select(e => new DatedKernelEvent { Event = e, UnixNs = (long)e.TimestampNs })]);
        return new FileInfo(records).Length + new FileInfo(events).Length;
    }
}
