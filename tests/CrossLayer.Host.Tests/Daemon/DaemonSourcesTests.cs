using System.Collections;
using CrossLayer.Actors.Requests;
using CrossLayer.Host.Daemon;
using CrossLayer.Host.Ingest;
using Microsoft.Extensions.Logging.Abstractions;

namespace CrossLayer.Host.Tests.Daemon;

public sealed class DaemonSourcesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_source_is_ready_while_it_takes_records_and_not_before_or_after()
    {
        var log = _folder.File("access.log", "");
        string[] expected = ["source:http", "source:otlp_http", "source:unix", $"access_log:{log}"];
        await using var sources = new DaemonSources(ConfigurationLoader.Load(null,
        [
            "ingest.http.listen=\"127.0.0.1:0\"", "ingest.otlp-http.listen=\"127.0.0.1:0\"", "ingest.otlp-grpc.listen=off",
            $"ingest.unix.path=\"{_folder.File("socket")}\"", $"ingest.state-folder=\"{_folder.Root}\"",
            $"ingest.access-logs=[{{ path = \"{log}\", format = nginx }}]",
        ], new Hashtable()));

        Assert.Equal(expected.Select(name => (name, false, (string?)"is not started yet")), States(sources));

        await sources.StartAsync(new Sink(), NullLoggerFactory.Instance, CancellationToken.None);
        Assert.Equal(expected.Select(name => (name, true, (string?)null)), States(sources));

        await sources.StopAsync(CancellationToken.None);
        Assert.Equal(expected.Select(name => (name, false, (string?)"is being stopped")), States(sources));
    }

    private static IEnumerable<(string, bool, string?)> States(DaemonSources sources) => sources.States.Select(state => (state.Name, state.Ok, state.Reason));

    private sealed class Sink : IRecordSink
    {
        public Task<RequestsReported> OfferAsync(IReadOnlyList<RequestRecord> records, CancellationToken cancellation) =>
            Task.FromResult(new RequestsReported(records.Count, 0));
    }
}
