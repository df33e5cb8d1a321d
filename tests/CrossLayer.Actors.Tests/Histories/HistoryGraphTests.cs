using Akka.Actor;
using Akka.Streams;
using Akka.Streams.Dsl;
using Akka.TestKit.Xunit2;
using CrossLayer.Actors.Correlations;
using CrossLayer.Actors.Graph;
using CrossLayer.Actors.Tests.Graph;

namespace CrossLayer.Actors.Tests.Histories;

public class HistoryGraphTests : TestKit
{
    private const long LongestPauseNs = 3_000_000_000;

    [Theory]
    [InlineData(Shape.KeptAlive, 1)]
    [InlineData(Shape.PipelinedAnsweredOneByOne, 2)]
    [InlineData(Shape.PipelinedAnsweredTogether, 3)]
    [InlineData(Shape.AskedForLeave, 4)]
    [InlineData(Shape.AnsweredEarly, 5)]
    [InlineData(Shape.HalfClosed, 6)]
    [InlineData(Shape.Mixed, 7)]
    [InlineData(Shape.Mixed, 8)]
    public async Task Neither_cuts_nor_disorder_nor_late_records_change_a_correlation_though_some_records_are_missing(Shape shape, int seed)
    {
        var random = new Random(seed);
        var world = World.Of(shape, seed, LongestPauseNs);
        world.Records.RemoveAll(_ => random.Next(5) == 0);
        var expected = PlainPipeline.Run(world.Events, [.. world.Records]);

        var correlations = await Run(Lay(world, random));

        Assert.Equal(expected.Select(Batches.Text), correlations.Select(Batches.Text));
    }

    /// <summary>Each record comes somewhere within the lateness after its end, among the kernel's batches.</summary>
    private static List<PipelineInput> Lay(World world, Random random)
    {
        var lateness = (long)PlainPipeline.Settings.Lateness.TotalNanoseconds;
        var records = world.Records.Select(record => (Record: record, DueNs: record.EndNs + random.NextInt64(lateness)))
            .OrderBy(x => x.DueNs).ToList();
        var input = new List<PipelineInput>();
        foreach (var batch in Batches.Cut(Batches.Disorder(world.Events, random), random))
        {
            var due = records.FindAll(x => x.DueNs <= batch.WatermarkNs);
            records.RemoveRange(0, due.Count);
            input.AddRange(due.Select(x => new RecordInput([x.Record])));
            input.Add(new KernelInput(batch));
        }

        input.AddRange(records.Select(x => new RecordInput([x.Record])));
        return input;
    }

    private async Task<List<Correlation>> Run(List<PipelineInput> input)
    {
        IReadOnlyList<IActorRef> shards =
            [.. Enumerable.Range(0, PlainPipeline.Settings.Shards).Select(_ => Sys.ActorOf(ShardActor.Props(PlainPipeline.Settings)))];
        var batches = await CorrelationGraph.Create(Source.From(input), shards, PlainPipeline.Settings)
            .RunWith(Sink.Seq<CorrelationBatch>(), Sys.Materializer());
        return [.. batches.SelectMany(batch => batch.Correlations)];
    }
}
