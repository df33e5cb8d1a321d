using Akka.Actor;
using Akka.Configuration;
using Akka.Streams;
using Akka.Streams.Dsl;
using CrossLayer.Actors.Configuration;
using CrossLayer.Actors.Correlations;
using CrossLayer.Actors.Graph;
using CrossLayer.Actors.Journal;
using CrossLayer.Actors.Recording;
using CrossLayer.Actors.Requests;
using CrossLayer.Host.Ingest;
using CrossLayer.Probe;

namespace CrossLayer.Host.Tests.Ingest;

/// <summary>What a source takes in is recorded as the pipeline gets it.</summary>
public sealed class RecordedPrivacyTests : IDisposable
{
    private const string Secret = "hunter2";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_query_string_is_in_no_recording()
    {
        var journal = JournalSettings.At(_folder.File("journal.db"));
        var sink = new Sink();
        var record = new RequestRecord
        {
            RequestId = new RequestId("r"),
            LatencyMs = 1,
            Result = RequestResult.Success,
            StatusCode = 200,
            Role = RequestRole.Server,
            Local = Parse("127.0.0.1:8080"),
            Peer = Parse("127.0.0.1:40000"),
            Route = $"/login?password={Secret}",
        };
        await new RecordIntake("http", sink, TimeProvider.System).OfferAsync([record], CancellationToken.None);
        using (var system = ActorSystem.Create("record", JournalConfiguration.For(journal).WithFallback(DefaultConfiguration.Load())))
        {
            var recorder = InputRecorder.Start(system, RecordingSettings.From(Config.Empty), journal, CorrelationSettings.From(DefaultConfiguration.Load()));
            var input = new RecordInput([.. sink.Records.Select(one => new TimedRecord(one, 1_000_000))]);
            await recorder.Tap(Source.Single<PipelineInput>(input)).RunForeach(_ => { }, system.Materializer());
            Assert.Equal(1, recorder.Status.Records);
            await system.Terminate();
        }

        using var output = new StringWriter();
        await Program.RunAsync(["replay", "--journal", journal.FullPath, "--output", _folder.File("replayed.json")], output, output);

        // The rows are compressed: what is in them is what a replay gives.
        var replayed = await File.ReadAllTextAsync(_folder.File("replayed.json"));
        Assert.Contains("\"/login\"", replayed, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, replayed, StringComparison.Ordinal);
    }

    private static Endpoint Parse(string text) => Endpoint.TryParse(text, out var endpoint) ? endpoint : throw new ArgumentException(text, nameof(text));

    private sealed class Sink : IRecordSink
    {
        public List<RequestRecord> Records { get; } = [];

        public Task<RequestsReported> OfferAsync(IReadOnlyList<RequestRecord> records, CancellationToken cancellation)
        {
            Records.AddRange(records);
            return Task.FromResult(new RequestsReported(records.Count, 0));
        }
    }
}
