using System.Diagnostics;
using System.Globalization;
using Akka.Actor;
using CrossLayer.Actors.Configuration;
using CrossLayer.Actors.Journal;
using CrossLayer.Benchmarks.Journal;
using CrossLayer.Benchmarks.Measuring;

namespace CrossLayer.Benchmarks.Growth;

/// <summary>What writing to the journal, and reading its newest events, costs when it holds millions.</summary>
internal sealed class JournalGrowthBenchmark : Benchmark
{
    private const string Write = "ms to write 1,000 discrepancies";
    private const string Read = "ms to read the newest 1,000";
    private const int InBatch = 1000;
    private const long FreeBytesNeeded = 16L << 30;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <inheritdoc/>
    internal override string Name => "journal-growth";

    /// <inheritdoc/>
    internal override string Question => "writing to a journal, and reading its newest events, as it grows to ten million";

    /// <inheritdoc/>
    internal override async Task<IReadOnlyList<Result>> RunAsync(BenchmarkContext context)
    {
        var settings = JournalSettings.At(context.Path("growing.db"));
        var few = context.Pick(100_000, 10_000);
        int[] sizes = [few, 10 * few, 100 * few];
        if (new DriveInfo(context.Work).AvailableFreeSpace < FreeBytesNeeded)
            sizes = sizes[..2];
        var correlations = await Discrepancies.MakeAsync(InBatch);
        var (readings, rows) = (new Dictionary<int, (Spread Write, Spread Read)>(), 0);
        foreach (var size in sizes)
        {
            context.Say(string.Create(CultureInfo.InvariantCulture, $"filling up to {size:N0} events"));
            Fill(settings, correlations, rows, size, context.Cancellation);
            rows = size;
            readings[size] = await MeasureAsync(settings, correlations, context.Pick(20, 5), context.Cancellation);
        }

        return [.. sizes[1..].SelectMany(size => new[]
        {
            Ratio(size, few, Write, readings[size].Write, readings[few].Write),
            Ratio(size, few, Read, readings[size].Read, readings[few].Read),
        })];
    }

    private Result Ratio(int size, int few, string measure, Spread values, Spread reference) => new()
    {
        Benchmark = Name,
        Subject = Holding(size),
        Reference = Holding(few),
        Measure = measure,
        Values = values,
        ReferenceValues = reference,
        Ratio = new Spread(values.Median / reference.Median, values.Least / reference.Most, values.Most / reference.Least, values.Runs),
    };

    private static string Holding(int size) => string.Create(CultureInfo.InvariantCulture, $"journal of {size:N0} events");

    /// <summary>By the reference's way, as it is faster: the rows are the same.</summary>
    private static void Fill(JournalSettings settings, IReadOnlyList<Actors.Correlations.Correlation> correlations, int from, int to, CancellationToken cancellation)
    {
        using var system = ActorSystem.Create("bytes");
        var serializer = new JournalSerializer((ExtendedActorSystem)system);
        byte[][] messages = [.. DiscrepancyFound.In(correlations).Select(serializer.ToBinary)];
        using var raw = new RawJournal(settings, from);
        for (var rows = from; rows < to; rows += InBatch)
        {
            cancellation.ThrowIfCancellationRequested();
            raw.Write(messages);
        }
    }

    private static async Task<(Spread Write, Spread Read)> MeasureAsync(
        JournalSettings settings, IReadOnlyList<Actors.Correlations.Correlation> correlations, int rounds, CancellationToken cancellation)
    {
        using var system = ActorSystem.Create("growing", JournalConfiguration.For(settings).WithFallback(DefaultConfiguration.Load()));
        try
        {
            var journal = system.StartJournal(settings);
            await journal.Ask<DiscrepancyJournal.Appended>(new DiscrepancyJournal.Append(correlations), Patience, cancellation);
            List<double> writes = [], reads = [];
            for (var round = 0; round < rounds; round++)
            {
                var since = DateTimeOffset.UtcNow;
                var clock = Stopwatch.StartNew();
                await journal.Ask<DiscrepancyJournal.Appended>(new DiscrepancyJournal.Append(correlations), Patience, cancellation);
                writes.Add(clock.Elapsed.TotalMilliseconds);
                clock.Restart();
                var read = 0;
                await foreach (var _ in new DiscrepancyQuery(settings).ReadAsync(new DiscrepancyFilter { Since = since }, cancellation: cancellation))
                    read++;
                reads.Add(clock.Elapsed.TotalMilliseconds);
                if (read != InBatch)
                    throw new InvalidOperationException($"{read} discrepancies of {InBatch} were read");
            }

            return (Spread.Of(writes), Spread.Of(reads));
        }
        finally
        {
            await system.Terminate();
        }
    }
}
