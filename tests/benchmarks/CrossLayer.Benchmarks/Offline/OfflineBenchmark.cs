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
    private const string Twice = "crosslayer correlate, twice as much";

    /// <inheritdoc/>
    internal override string Name => "offline";

    /// <inheritdoc/>
    internal override string Question => "correlating two files, process start included, against plain Python";

    /// <inheritdoc/>
    internal override async Task<IReadOnlyList<Result>> RunAsync(BenchmarkContext context)
    {
        var python = Nginx.Tool.Find("python3");
        var launcher = Path.Combine(context.Root, "crosslayer");
        await Finished.RunAsync(launcher, ["--version"], context.Cancellation); // builds it, where that is needed
        context.Say("writing the files");
        var requests = context.Pick(100_000, 10_000);
        var (one, twice) = (Write(context, "one", requests), Write(context, "twice", 2 * requests));
        var rounds = await Rounds.RunAsync(context, context.Pick(3, 2),
        [
            new Arm(Product, () => Correlate(one)),
            new Arm(Reference, () => Measure(python, [Path.Combine(AppContext.BaseDirectory, "correlate.py"), one.Records, one.Events, context.Path("python.json")], context.Cancellation)),
            new Arm(Twice, () => Correlate(twice)),
        ], warmUp: false);
        return
        [
            // How many times faster: Python's time by the product's.
            rounds.Ratio(Name, Reference, Product, Seconds, Target.AtLeast(5), $"{one.Described}; Python neither aligns nor diagnoses"),
            rounds.Ratio(Name, Product, Reference, Memory, Target.AtMost(0.1)),
            rounds.Ratio(Name, Twice, Product, Seconds, null, twice.Described),
            rounds.Ratio(Name, Twice, Product, Memory),
        ];

        Task<Reading> Correlate(Files files) => Measure(launcher,
            ["correlate", "--app-metrics", files.Records, "--ebpf-events", files.Events, "--output", context.Path("product.json")], context.Cancellation);
    }

    private static async Task<Reading> Measure(string program, IEnumerable<string> arguments, CancellationToken cancellation)
    {
        var finished = await Finished.RunAsync(program, arguments, cancellation);
        return new Reading((Seconds, finished.Seconds), (Memory, finished.PeakBytes / 1e6));
    }

    private static Files Write(BenchmarkContext context, string name, int requests)
    {
        var traffic = new SyntheticTraffic(requests, 256, 20_000);
        var (records, events) = (context.Path($"{name}-records.json"), context.Path($"{name}-events.json"));
        using (var writer = RecordWriter<RequestRecord>.Create(records, RequestRecordJson.Kind))
            foreach (var chunk in traffic.Records.Chunk(10_000))
                writer.Append([.. chunk.Select(record => record.Record)]);
        using (var writer = RecordWriter<DatedKernelEvent>.Create(events, KernelEventJson.Kind))
            foreach (var chunk in traffic.Events.Chunk(10_000))
                writer.Append([.. chunk.Select(e => new DatedKernelEvent { Event = e, UnixNs = (long)e.TimestampNs })]);
        var megabytes = (new FileInfo(records).Length + new FileInfo(events).Length) / 1e6;
        return new Files(records, events,
            FormattableString.Invariant($"{traffic.Requests:N0} requests, {traffic.Records.Count:N0} records, {traffic.Events.Count:N0} events, {megabytes:0} MB of JSON"));
    }

    private sealed record Files(string Records, string Events, string Described);
}
