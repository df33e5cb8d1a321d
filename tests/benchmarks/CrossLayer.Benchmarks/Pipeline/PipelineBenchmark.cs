using System.Diagnostics;
using Akka.Streams.Dsl;
using CrossLayer.Actors.Configuration;
using CrossLayer.Actors.Correlations;
using CrossLayer.Actors.Graph;
using CrossLayer.Benchmarks.Measuring;
using CrossLayer.Benchmarks.Traffic;

namespace CrossLayer.Benchmarks.Pipeline;

/// <summary>The whole graph, from ring batches to verdicts, against one thread that does the same without it.</summary>
internal sealed class PipelineBenchmark : Benchmark
{
    private const string Rate = "events/s";
    private const string Cpu = "µs CPU/event";
    private const string Product = "graph, 4 shards, actors";
    private const string Reference = "plain C# thread";

    /// <inheritdoc/>
    internal override string Name => "pipeline";

    /// <inheritdoc/>
    internal override string Question => "batches to graph, shards, request actors and diagnosis, against a plain thread that does the same matching";

    /// <inheritdoc/>
    internal override async Task<IReadOnlyList<Result>> RunAsync(BenchmarkContext context)
    {
        var traffic = new SyntheticTraffic(context.Pick(30_000, 10_000), connections: 256, perSecond: 20_000);
        await using var correlator = OfflineCorrelator.Start(DefaultConfiguration.Load());
        var found = new Dictionary<string, string>();
        var rounds = await Rounds.RunAsync(context, context.Pick(20, 2),
        [
            new Arm(Product, async () =>
            {
                var told = new Told();
                return await Measure(traffic, () => correlator.RunAsync(Source.From(traffic.Inputs()), correlator.Settings, batch => told.Add(batch.Correlations)),
                    () => found[Product] = told.ToString());
            }),
            new Arm(Reference, async () =>
            {
                var told = new Told();
                return await Measure(traffic, () => Task.Factory.StartNew(() =>
                {
                    var plain = new PlainThread(correlator.Settings);
                    foreach (var input in traffic.Inputs().Append(new EndOfInput()))
                        told.Add(plain.Apply(input));
                }, TaskCreationOptions.LongRunning), () => found[Reference] = told.ToString());
            }),
        ]);
        if (found[Product] != found[Reference])
            throw new InvalidOperationException($"the two do not find the same: {found[Product]}; {found[Reference]}");
        var note = FormattableString.Invariant($"{traffic.Events.Count:N0} events of {traffic.Requests:N0} requests; both found {found[Product]}");
        return
        [
            rounds.Ratio(Name, Product, Reference, Rate, Target.AtLeast(0.8), note),
            rounds.Ratio(Name, Product, Reference, Cpu, Target.AtMost(2)),
        ];
    }

    private static async Task<Reading> Measure(SyntheticTraffic traffic, Func<Task> run, Action done)
    {
        var cpu = ProcessTime.OwnSeconds;
        var clock = Stopwatch.StartNew();
        await run();
        var seconds = clock.Elapsed.TotalSeconds;
        cpu = ProcessTime.OwnSeconds - cpu;
        done();
        return new Reading((Rate, traffic.Events.Count / seconds), (Cpu, cpu * 1e6 / traffic.Events.Count));
    }

    private sealed class Told
    {
        private readonly Dictionary<(Verdict, Cause?), int> _counts = [];

        internal void Add(IReadOnlyList<Correlation> correlations)
        {
            foreach (var correlation in correlations)
            {
                var what = (correlation.Finding.Verdict, correlation.Finding.Cause);
                _counts[what] = _counts.GetValueOrDefault(what) + 1;
            }
        }

        public override string ToString() => string.Join(", ",
            _counts.OrderBy(pair => pair.Key.Item1).ThenBy(pair => pair.Key.Item2).Select(pair => $"{pair.Value} {pair.Key.Item1} {pair.Key.Item2}".Trim()));
    }
}
