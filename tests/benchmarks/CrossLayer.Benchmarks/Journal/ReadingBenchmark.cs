using System.Diagnostics;
using Akka.Actor;
using Akka.Streams;
using Akka.Streams.Dsl;
using CrossLayer.Actors.Configuration;
using CrossLayer.Actors.Correlations;
using CrossLayer.Actors.Graph;
using CrossLayer.Actors.Journal;
using CrossLayer.Actors.Recording;
using CrossLayer.Benchmarks.Measuring;
using CrossLayer.Benchmarks.Traffic;
using Microsoft.Data.Sqlite;

namespace CrossLayer.Benchmarks.Journal;

/// <summary>Reading the journal back (its opening by a writer, discrepancies, a recording) against SELECT over the same rows.</summary>
internal sealed class ReadingBenchmark : Benchmark
{
    private const string Rows = "rows/s";
    private const string Milliseconds = "ms";
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <inheritdoc/>
    internal override string Name => "reading";

    /// <inheritdoc/>
    internal override string Question => "recovery, discrepancies and replay from the journal, against raw SELECT";

    /// <inheritdoc/>
    internal override async Task<IReadOnlyList<Result>> RunAsync(BenchmarkContext context)
    {
        var settings = JournalSettings.At(context.Path("reading.db"));
        var empty = JournalSettings.At(context.Path("empty.db"));
        var traffic = new SyntheticTraffic(context.Pick(20_000, 5_000), 64, 20_000);
        await FillAsync(settings, traffic, context.Pick(20_000, 2_000));
        JournalConfiguration.For(empty);
        const string discrepancies = "discrepancies, read and parsed", selectDiscrepancies = "raw SELECT of their rows";
        const string replay = "recording, to the graph's input", selectRecording = "raw SELECT of its rows";
        const string opening = "writer opens the full journal", openingEmpty = "writer opens an empty one";
        using var system = ActorSystem.Create("reading", JournalConfiguration.ForReading(settings).WithFallback(DefaultConfiguration.Load()));
        try
        {
            var query = new RecordingQuery(system);
            var session = (await query.SessionsAsync())[^1];
            using var materializer = system.Materializer();
            var rounds = await Rounds.RunAsync(context, context.Pick(5, 2),
            [
                new Arm(discrepancies, () => RateOf(() => CountAsync(new DiscrepancyQuery(settings)))),
                new Arm(selectDiscrepancies, () => RateOf(() => Task.FromResult(Select(settings, "tags LIKE '%;discrepancy;%'")))),
                new Arm(replay, () => RateOf(async () =>
                {
                    var input = new ReplayInput();
                    await query.Rows(session).SelectMany(row => input.Apply(row.SequenceNr, row.Row)).RunForeach(Return, materializer);
                    return input.Events == traffic.Events.Count ? (int)input.Rows : throw new InvalidOperationException($"{input.Events} events of {traffic.Events.Count} were recorded");
                })),
                new Arm(selectRecording, () => RateOf(() => Task.FromResult(Select(settings, $"persistence_id = '{session.PersistenceId}'")))),
                new Arm(opening, () => OpenAsync(settings)),
                new Arm(openingEmpty, () => OpenAsync(empty)),
            ]);
            return
            [
                rounds.Ratio(Name, discrepancies, selectDiscrepancies, Rows),
                rounds.Ratio(Name, replay, selectRecording, Rows, null, $"a row holds some hundred packed kernel events: {traffic.Events.Count:N0} events, {traffic.Records.Count:N0} records in all"),
                rounds.Ratio(Name, opening, openingEmpty, Milliseconds, null, "a writer reads no events back: from the actor's start to the first event on the disk"),
            ];
        }
        finally
        {
            await system.Terminate();
        }
    }

    private static async Task<Reading> RateOf(Func<Task<int>> read)
    {
        var clock = Stopwatch.StartNew();
        var rows = await read();
        return new Reading((Rows, rows / clock.Elapsed.TotalSeconds), (Milliseconds, 0));
    }

    private static async Task<int> CountAsync(DiscrepancyQuery query)
    {
        var count = 0;
        await foreach (var _ in query.ReadAsync())
            count++;
        return count;
    }

    private static int Select(JournalSettings settings, string where)
    {
        using var connection = new SqliteConnection($"Data Source={settings.FullPath};Pooling=False;Mode=ReadOnly");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = $"SELECT ordering, persistence_id, sequence_number, created, manifest, identifier, message FROM journal WHERE {where} ORDER BY ordering";
        using var reader = command.ExecuteReader();
        var rows = 0;
        for (; reader.Read(); rows++)
            _ = (reader.GetInt64(0), reader.GetString(1), reader.GetInt64(2), reader.GetInt64(3), reader.GetString(4), reader.GetInt64(5), reader.GetFieldValue<byte[]>(6));
        return rows;
    }

    private static async Task<Reading> OpenAsync(JournalSettings settings)
    {
        var one = await Discrepancies.MakeAsync(1);
        using var system = ActorSystem.Create("opening", JournalConfiguration.For(settings).WithFallback(DefaultConfiguration.Load()));
        var clock = Stopwatch.StartNew();
        await system.StartJournal(settings).Ask<DiscrepancyJournal.Appended>(new DiscrepancyJournal.Append(one), Patience);
        var ms = clock.Elapsed.TotalMilliseconds;
        await system.Terminate();
        return new Reading((Rows, 0), (Milliseconds, ms));
    }

    private static async Task FillAsync(JournalSettings settings, SyntheticTraffic traffic, int discrepancies)
    {
        var config = DefaultConfiguration.Load();
        using var system = ActorSystem.Create("filling", JournalConfiguration.For(settings).WithFallback(config));
        var journal = system.StartJournal(settings);
        foreach (var batch in (await Discrepancies.MakeAsync(discrepancies)).Chunk(1000))
            await journal.Ask<DiscrepancyJournal.Appended>(new DiscrepancyJournal.Append(batch), Patience);
        using var materializer = system.Materializer();
        var recorder = InputRecorder.Start(system, RecordingSettings.From(config) with { Enabled = true, WaitAtMost = Patience }, settings, CorrelationSettings.From(config));
        await recorder.Tap(Source.From(traffic.Inputs())).RunForeach(Return, materializer);
        await system.Terminate();
    }

    /// <summary>As the graph does with what it has taken.</summary>
    private static void Return(PipelineInput input)
    {
        if (input is KernelInput { Batch: var batch })
            batch.Dispose();
    }
}
