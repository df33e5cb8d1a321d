using CrossLayer.Actors.Configuration;
using CrossLayer.Actors.Correlations;
using CrossLayer.Actors.Graph;
using CrossLayer.Host.Analysis;
using CrossLayer.Host.Experiments;
using CrossLayer.Host.Files;
using CrossLayer.Host.Tests.Files;
using CrossLayer.Probe;

namespace CrossLayer.Host.Tests.Analysis;

/// <summary>Episodes are made of the recorded keep-alive shape (<see cref="RecordedEpisode"/>).</summary>
public sealed class EpisodeReaderTests : IAsyncLifetime, IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly OfflineCorrelator _correlator = OfflineCorrelator.Start(DefaultConfiguration.Load());
    private readonly ExperimentFolder _experiment;
    private readonly string _episode;

    public EpisodeReaderTests()
    {
        _experiment = new ExperimentFolder(_folder.Root);
        _episode = Path.Combine(_experiment.CrossLayer, "0007");
    }

    public Task InitializeAsync()
    {
        Directory.CreateDirectory(_experiment.Labels);
        File.WriteAllText(_experiment.LabelOf("0007"), "no label at all");
        RecordedEpisode.Write(_episode, "keep-alive");
        return Task.CompletedTask;
    }

    [Fact]
    public async Task An_episode_is_correlated_as_a_whole_and_each_end_by_itself()
    {
        var episode = await Reader().ReadAsync(_episode);

        Assert.Equal("0007", episode.Name);
        Assert.Equal(["1", "2", "3"], Names(episode.Correlations));
        Assert.All(episode.Correlations, correlation => Assert.Equal("both records, both exchanges, Healthy", Views(correlation)));
        Assert.Equal(Names(episode.Correlations), Names(episode.ClientEndCorrelations));
        Assert.All(episode.ClientEndCorrelations, correlation => Assert.Equal("client's record, client's exchange, Healthy", Views(correlation)));
        Assert.Equal(Names(episode.Correlations), Names(episode.ServerEndCorrelations));
        Assert.All(episode.ServerEndCorrelations, correlation => Assert.Equal("server's record, server's exchange, Healthy", Views(correlation)));
    }

    [Fact]
    public async Task What_the_layers_add_up_to_is_written_beside_it_and_the_same_each_time()
    {
        var path = Path.Combine(_episode, EpisodeInput.CorrelationFile);
        var episode = await Reader().ReadAsync(_episode);
        var first = await File.ReadAllTextAsync(path);
        await Reader().ReadAsync(_episode);

        Assert.Equal(episode.Correlations, Records.ReadFile(CorrelationJson.Kind, path));
        Assert.Contains("\"kernel_evidence\":\"available\"", first, StringComparison.Ordinal);
        Assert.Equal(first, await File.ReadAllTextAsync(path));
    }

    [Theory]
    [InlineData(EpisodeInput.ClientFile, "request record")]
    [InlineData(EpisodeInput.ServerFile, "request record")]
    [InlineData(EpisodeInput.KernelFile, "kernel event")]
    public async Task A_missing_file_is_named(string file, string kind)
    {
        var path = Path.Combine(_episode, file);
        File.Delete(path);

        var exception = await Assert.ThrowsAsync<InputException>(() => Reader().ReadAsync(_episode));

        Assert.Equal($"{path} does not exist; expected a file of {kind}s", exception.Message);
    }

    [Fact]
    public async Task Nothing_else_is_opened()
    {
        using var opened = new OpenedFiles(_episode, _experiment.Labels, _experiment.Path);
        await Reader().ReadAsync(_episode);

        Assert.Equal(
            ((string[])[EpisodeInput.ClientFile, EpisodeInput.CorrelationFile, "correlations.jsonl", EpisodeInput.KernelFile, EpisodeInput.ServerFile])
                .Select(file => Path.Combine(_episode, file)),
            opened.Read());

        Assert.Throws<InputException>(() => EpisodeLabel.Read(_experiment.LabelOf("0007")));
        Assert.Equal([_experiment.LabelOf("0007")], opened.Read());
    }

    [Fact]
    public async Task It_is_the_same_without_any_labels()
    {
        var before = await Reader().ReadAsync(_episode);
        Directory.Delete(_experiment.Labels, recursive: true);

        Assert.Equal(before.Correlations, (await Reader().ReadAsync(_episode)).Correlations);
    }

    [Fact]
    public void Drops_on_the_way_are_not_seen_and_those_of_the_ends_are()
    {
        DatedKernelEvent[] events =
        [
            Episode.AtClient(1, new KernelEvent { Type = KernelEventType.Send, Bytes = 1 }), // the client's namespace is 1
            Dropped(2, netns: 99), // the router's
            Dropped(3, netns: 1),
            Dropped(4, netns: 0), // on its way out, before it had a device
            Episode.AtServer(5, new KernelEvent { Type = KernelEventType.Send, Bytes = 1 }),
            new() { Event = new KernelEvent { Type = KernelEventType.Lost, TimestampNs = 6, LostEvents = 1 } },
        ];

        Assert.Equal([1 * Episode.Ms, 3 * Episode.Ms, 4 * Episode.Ms, 6], Times(HostEvents.Of(events, Episode.Client.Address)));
        Assert.Equal([5 * Episode.Ms, 6], Times(HostEvents.Of(events, Episode.Server.Address)));

        static DatedKernelEvent Dropped(long ms, ulong netns)
        {
            var dated = Episode.AtClient(ms, new KernelEvent { Type = KernelEventType.Drop });
            (dated.Event.SocketCookie, dated.Event.NetnsCookie) = (0, netns);
            return dated;
        }

        static IEnumerable<long> Times(IEnumerable<DatedKernelEvent> seen) => seen.Select(dated => (long)dated.Event.TimestampNs);
    }

    [Fact]
    public async Task What_a_recording_throws_comes_out_as_it_was_thrown_and_the_next_is_correlated_all_the_same()
    {
        var thrown = new InputException("torn");
        IEnumerable<(KernelEvent, long)> Torn() => throw thrown;

        Assert.Same(thrown, await Assert.ThrowsAsync<InputException>(() => _correlator.RunAsync(Torn().Select(x => x), [], _ => { })));
        Assert.NotEmpty((await Reader().ReadAsync(_episode)).Correlations);
    }

    public async Task DisposeAsync() => await _correlator.DisposeAsync();

    public void Dispose() => _folder.Dispose();

    private static IEnumerable<string> Names(IEnumerable<Correlation> correlations) => correlations.Select(correlation => correlation.RequestId.Text);

    private static string Views(Correlation correlation)
    {
        return $"{Of(correlation.ClientRecord, correlation.ServerRecord, "record")}, "
            + $"{Of(correlation.ClientExchange, correlation.ServerExchange, "exchange")}, {correlation.Finding.Verdict}";

        static string Of(object? client, object? server, string what) => (client, server) switch
        {
            (null, null) => $"no {what}",
            (_, null) => $"client's {what}",
            (null, _) => $"server's {what}",
            _ => $"both {what}s",
        };
    }

    private EpisodeReader Reader() => new(_correlator, Episode.Client.Address, Episode.Server.Address);
}
