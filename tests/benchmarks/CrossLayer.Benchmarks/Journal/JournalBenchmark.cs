using System.Diagnostics;
using Akka.Actor;
using CrossLayer.Actors.Configuration;
using CrossLayer.Actors.Journal;
using CrossLayer.Benchmarks.Measuring;

namespace CrossLayer.Benchmarks.Journal;

/// <summary>Writing discrepancies, against raw SQLite that is as durable.</summary>
internal sealed class JournalBenchmark : Benchmark
{
    private const string Rate = "discrepancies/s";
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <inheritdoc/>
    internal override string Name => "journal";

    /// <inheritdoc/>
    internal override string Question => "writing discrepancies to the disk (WAL, synchronous FULL), against raw SQLite";

    /// <inheritdoc/>
    internal override async Task<IReadOnlyList<Result>> RunAsync(BenchmarkContext context)
    {
        const int inBatch = 1000;
        var batches = context.Pick(40, 2);
        var correlations = await Discrepancies.MakeAsync(inBatch);
        var settings = JournalSettings.At(context.Path("journal.db"));
        using var system = ActorSystem.Create("journal", JournalConfiguration.For(settings).WithFallback(DefaultConfiguration.Load()));
        using var raw = new RawJournal(JournalSettings.At(context.Path("raw.db")));
        try
        {
            var journal = system.StartJournal(settings);
            var serializer = new JournalSerializer((ExtendedActorSystem)system);
            byte[][] messages = [.. DiscrepancyFound.In(correlations).Select(serializer.ToBinary)];
            List<Result> results = [];
            // Great batches tell what an event costs, small ones what a batch does.
            foreach (var size in new[] { inBatch, 10 })
            {
                var product = $"journal, {size} a batch";
                var reference = $"raw SQLite, {size} a transaction";
                var count = size == inBatch ? batches : batches * 10;
                var (some, bytes) = (correlations.Take(size).ToList(), messages.Take(size).ToList());
                var rounds = await Rounds.RunAsync(context, context.Pick(5, 2),
                [
                    new Arm(product, async () =>
                    {
                        var clock = Stopwatch.StartNew();
                        for (var i = 0; i < count; i++)
                            await journal.Ask<DiscrepancyJournal.Appended>(new DiscrepancyJournal.Append(some), Patience);
                        return new Reading((Rate, count * size / clock.Elapsed.TotalSeconds));
                    }),
                    new Arm(reference, () =>
                    {
                        var clock = Stopwatch.StartNew();
                        for (var i = 0; i < count; i++)
                            raw.Write(bytes);
                        return new Reading((Rate, count * size / clock.Elapsed.TotalSeconds));
                    }),
                ]);
                results.Add(rounds.Ratio(Name, product, reference, Rate, size == inBatch ? Target.AtLeast(0.6) : null,
                    size == inBatch ? $"events of {messages[0].Length} bytes; the same table, indexes and durability; the journal also makes the bytes" : null));
            }

            return results;
        }
        finally
        {
            await system.Terminate();
        }
    }
}
