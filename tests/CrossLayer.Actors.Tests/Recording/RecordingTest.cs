using Akka.Actor;
using Akka.Streams;
using Akka.Streams.Dsl;
using CrossLayer.Actors.Configuration;
using CrossLayer.Actors.Correlations;
using CrossLayer.Actors.Graph;
using CrossLayer.Actors.Journal;
using CrossLayer.Actors.Recording;
using CrossLayer.Actors.Requests;
using CrossLayer.Actors.Tests.Graph;
using CrossLayer.Actors.Tests.Histories;
using CrossLayer.Actors.Tests.Journal;
using CrossLayer.Probe;

namespace CrossLayer.Actors.Tests.Recording;

/// <summary>A test that records into a journal of its own, and replays.</summary>
public abstract class RecordingTest : JournalTest
{
    protected static RecordingSettings Recording { get; } = RecordingSettings.From(Akka.Configuration.Config.Empty) with { Enabled = true };

    private protected static CorrelationSettings Correlation => PlainPipeline.Settings;

    /// <summary>Input in the order in which a graph may see it: kernel batches cut anywhere, records among them, late ones too.</summary>
    private protected static List<PipelineInput> Input(int seed)
    {
        var random = new Random(seed);
        var world = World.Of((Histories.Shape)(seed % 7), seed, longestPauseNs: 900_000_000);
        var kernel = Batches.Cut(Batches.Disorder(world.Events, random), random);
        var rest = new Queue<TimedRecord>(world.Records.OrderBy(record => record.EndNs));
        var inputs = new List<PipelineInput>();
        foreach (var batch in kernel)
        {
            inputs.Add(new KernelInput(batch));
            var due = new List<TimedRecord>();
            while (rest.TryPeek(out var next) && next.EndNs < batch.WatermarkNs - random.Next(0, 200_000_000))
                due.Add(rest.Dequeue());
            if (due.Count > 0)
                inputs.Add(new RecordInput(due));
        }

        // Where the program ended; some records still come.
        var ended = inputs.Count - (seed % 5);
        if (ended < inputs.Count && inputs[ended] is KernelInput { Batch: var at })
            inputs.Insert(ended, new RecordInput([]) { EndNs = at.WatermarkNs });
        inputs.Add(new RecordInput([.. rest]));
        return inputs;
    }

    /// <summary>The same, to be used up by another run.</summary>
    private protected static IEnumerable<PipelineInput> Copy(IEnumerable<PipelineInput> inputs) => inputs.Select(input =>
        input is KernelInput { Batch: var batch } ? new KernelInput(new KernelEventBatch(batch.Events, batch.WatermarkNs)) : input);

    private protected static async Task<List<Correlation>> Direct(IEnumerable<PipelineInput> inputs)
    {
        await using var correlator = OfflineCorrelator.Start(DefaultConfiguration.Load());
        var correlations = new List<Correlation>();
        await correlator.RunAsync(Source.From(Copy(inputs).ToList()), Correlation, batch => correlations.AddRange(batch.Correlations));
        return correlations;
    }

    private protected async Task<RecordingStatus> Record(IEnumerable<PipelineInput> inputs, RecordingSettings? settings = null)
    {
        var system = Start();
        var recorder = InputRecorder.Start(system, settings ?? Recording, Settings, Correlation);
        await recorder.Tap(Source.From(Copy(inputs).ToList())).RunForeach(Return, system.Materializer());
        return recorder.Status;
    }

    private protected async Task<(ReplaySummary Summary, List<Correlation> Correlations)> ReplayLast(ReplaySpan? span = null, CorrelationSettings? settings = null)
    {
        await Stop();
        var system = ActorSystem.Create("replay", JournalConfiguration.ForReading(Settings).WithFallback(DefaultConfiguration.Load()));
        try
        {
            var query = new RecordingQuery(system);
            var session = (await query.SessionsAsync())[^1];
            await using var correlator = OfflineCorrelator.Start(DefaultConfiguration.Load());
            var correlations = new List<Correlation>();
            var summary = await Replay.RunAsync(query, system.Materializer(), correlator, session,
                settings ?? session.SettingsWith(Akka.Configuration.Config.Empty), span ?? ReplaySpan.All, correlations.AddRange);
            return (summary, correlations);
        }
        finally
        {
            await system.Terminate();
        }
    }

    private protected async Task<IReadOnlyList<RecordedSession>> Sessions()
    {
        await Stop();
        return await new RecordingQuery(Start()).SessionsAsync();
    }

    /// <summary>As the graph does with what it has taken.</summary>
    private protected static void Return(PipelineInput input)
    {
        if (input is KernelInput { Batch: var batch })
            batch.Dispose();
    }
}
