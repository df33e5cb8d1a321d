using CrossLayer.Tests;
using Akka.Actor;
using CrossLayer.Actors.Correlations;
using CrossLayer.Actors.Graph;
using CrossLayer.Actors.Journal;
using CrossLayer.Actors.Kernel;
using CrossLayer.Actors.Recording;
using CrossLayer.Actors.Tests.Graph;
using CrossLayer.Probe;
using CrossLayer.Probe.Clock;
using Stored = CrossLayer.Actors.Recording.Wire;

namespace CrossLayer.Actors.Tests.Recording;

/// <summary>The live pipeline with a recorder in it, and what a replay of its recording says.</summary>
public sealed class LiveRecordingTests : RecordingTest
{
    [Fact]
    public async Task A_replay_says_what_the_live_run_said()
    {
        var listener = new Listener();
        var recorder = await Run(listener, Start());
        var live = listener.Correlations;

        var (summary, replayed) = await ReplayLast();

        Assert.Contains(live, c => c.Finding.Verdict == Verdict.Discrepant);
        Assert.Contains(live, c => c.Finding.Verdict == Verdict.Healthy);
        Assert.Equal(live.Select(Batches.Text), replayed.Select(Batches.Text));
        Assert.Equal(VerdictHash.Of(live), VerdictHash.Of(replayed));
        Assert.True(summary.IsEnded);
        Assert.Equal(0, recorder.Status.Gaps);
        Assert.NotNull(summary.Clock);
    }

    [Fact]
    public async Task The_recording_has_the_names_of_reasons_and_the_settings_of_the_run()
    {
        await Run(new Listener(), Start());

        var session = Assert.Single(await Sessions());

        Assert.Equal(SettingsText.Of(Correlation), session.Settings);
        Assert.Equal(Settings.Writer, session.DiscrepancyWriter);
        Assert.True(Rows().OfType<Stored.Part>().Any(part => part.Reasons?.Drops[5] == "NETFILTER_DROP")
            || Rows().OfType<Stored.InputBatch>().Any(batch => batch.Reasons?.Drops[5] == "NETFILTER_DROP"));
    }

    [Fact]
    public async Task Correlation_goes_on_though_nothing_can_be_recorded()
    {
        var system = Start();
        var listener = new Listener();
        var recorder = InputRecorder.Start(system, Recording, "none", TimeProvider.System, (_, _) => Props.Create(() => new Broken()),
            () => Task.FromResult<IReadOnlyList<PartOnDisk>>([]));

        await Run(listener, system, recorder);

        Assert.NotEmpty(listener.Correlations);
        Assert.InRange(recorder.Status.Gaps, 1, int.MaxValue);
        Assert.InRange(recorder.Status.LostEvents, 1, int.MaxValue);
        Assert.Contains("the disk is gone", recorder.Status.LastFailure, StringComparison.Ordinal);
        Assert.Equal(0, recorder.Status.Rows);
    }

    private async Task<InputRecorder> Run(Listener listener, ActorSystem system, InputRecorder? given = null)
    {
        var recorder = given ?? InputRecorder.Start(system, Recording with { FlushAfter = TimeSpan.FromMilliseconds(1) }, Settings, Correlation);
        var pipeline = LivePipeline.Start(system, Correlation, new ProbeSettings(), system.StartJournal(Settings), listener, recorder);
        await pipeline.ProbeStatusAsync();
        // The records' wall times are those of this machine's clock; kernel events are on its monotonic one.
        var clock = KernelClock.SampleOffset();
        foreach (var input in Shifted(clock.MonotonicNs))
        {
            if (input is KernelInput { Batch: var batch })
                listener.Probe.Write(batch);
            else if (input is RecordInput { Records: var records })
                await pipeline.ReportAsync([.. records.Select(record => record.Record with { StartUnixNs = record.StartNs + clock.OffsetNs })]);
        }

        await pipeline.StopAsync();
        return recorder;
    }

    /// <summary>As if it had happened up to now.</summary>
    private static IEnumerable<PipelineInput> Shifted(long nowNs)
    {
        var input = Input(4).Concat(Slow()).ToList();
        var last = input.OfType<KernelInput>().Max(one => one.Batch.WatermarkNs);
        var by = nowNs - last - 1_000_000_000;
        foreach (var one in input)
        {
            if (one is RecordInput { Records: var records })
            {
                yield return new RecordInput([.. records.Select(record => record with { StartNs = record.StartNs + by })]);
                continue;
            }

            var batch = ((KernelInput)one).Batch;
            var events = batch.Events.ToArray();
            for (var i = 0; i < events.Length; i++)
            {
                events[i].TimestampNs += (ulong)by;
                if (events[i].SinceNs > 0)
                    events[i].SinceNs += (ulong)by;
            }

            yield return new KernelInput(new KernelEventBatch(events, batch.WatermarkNs + by));
        }
    }

    private static IEnumerable<PipelineInput> Slow()
    {
        var c = new Conversation(clientPort: 50_000).Open(100_000, 99_999).ClientSends(100_001, 100).ServerReads(100_002, 100).ServerSends(101_002, 500).ClientReads(101_003, 500);
        yield return new KernelInput(new KernelEventBatch([.. c.Events], 100_900_000_000));
        yield return new RecordInput([c.ClientRecord(777, 100_000, 1004)]);
    }

    private List<object> Rows()
    {
        using var system = ActorSystem.Create("rows");
        var serializer = new RecordingSerializer((ExtendedActorSystem)system);
        using var connection = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={Settings.FullPath};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT message, manifest FROM journal WHERE identifier = 25204 ORDER BY ordering";
        using var reader = command.ExecuteReader();
        var rows = new List<object>();
        while (reader.Read())
            rows.Add(serializer.FromBinary((byte[])reader[0], reader.GetString(1)));
        return rows;
    }

    private sealed class Listener : IPipelineListener
    {
        public FakeProbe Probe { get; } = new();

        public List<Correlation> Correlations { get; } = [];

        public IKernelProbe StartProbe() => Probe;

        public void OnKernelEvents(KernelEventBatch batch)
        {
        }

        public void OnCorrelations(CorrelationBatch batch) => Correlations.AddRange(batch.Correlations);
    }

    private sealed class Broken : ReceiveActor
    {
        public Broken() => ReceiveAny(_ => throw new IOException("the disk is gone"));
    }
}
