using CrossLayer.Actors.Configuration;
using CrossLayer.Actors.Correlations;
using CrossLayer.Actors.Requests;
using CrossLayer.Host.Analysis;
using CrossLayer.Host.Analysis.Scoring;
using CrossLayer.Host.Experiments;

namespace CrossLayer.Host.Tests.Analysis;

/// <summary>Experiments of recorded traffic: what they learn from, what is found, and how often each episode is seen.</summary>
public sealed class ExperimentScorerTests : IDisposable
{
    private static readonly string[] Views = ["cross_layer", "cross_layer_client_end", "cross_layer_server_end"];

    private readonly TemporaryFolder _folder = new();
    private readonly List<string> _visits = [];
    private readonly List<(int Done, int Steps)> _progress = [];

    [Fact]
    public async Task What_takes_long_in_ordinary_traffic_is_not_slow()
    {
        // Of both recordings, one request takes 0.048 ms (0.0127 at the server), and one 700.2313 ms (700.1933): times 1.2, in microseconds, rounded up.
        var scored = await ScoreAsync(("0001", EpisodeKind.Fault, "slow-handler"), ("0002", EpisodeKind.Benign, "slow-handler"));

        Assert.Equal(
            [(RequestRole.Client, "/", 58), (RequestRole.Client, "/poll/1", 840_278), (RequestRole.Server, "/", 16), (RequestRole.Server, "/poll/1", 840_232)],
            scored.SlowLimits.Select(limit => (limit.Slow.Role!.Value, limit.Slow.Route, limit.Slow.Limit.TotalMicroseconds)));
        Assert.All(Views, view => Assert.All(Decisions(scored, 0, view), decision => Assert.Equal(default, decision)));
    }

    [Fact]
    public async Task What_ordinary_traffic_does_not_have_is_found_by_each_view()
    {
        var scored = await ScoreAsync(("0001", EpisodeKind.Benign, "keep-alive"), ("0002", EpisodeKind.Fault, "slow-handler"));

        Assert.Equal(["0001", "0002"], scored.Episodes.Select(episode => episode.Label.Episode));
        Assert.All(Views, view => Assert.Equal((true, Cause.SlowHandler), Alarm(Assert.Single(Decisions(scored, 1, view), decision => decision.Alarm))));

        static (bool, Cause) Alarm(Decision decision) => (decision.Alarm, decision.Cause!.Value);
    }

    [Fact]
    public async Task Each_episode_is_seen_once_the_benign_ones_first()
    {
        await ScoreAsync(("0001", EpisodeKind.Fault, "keep-alive"), ("0002", EpisodeKind.Benign, "keep-alive"), ("0003", EpisodeKind.Control, "keep-alive"));

        Assert.Equal(["0002", "0001", "0003"], _visits);
        Assert.Equal((3, 3), _progress[^1]);
        Assert.Equal(_progress.Order(), _progress);
        Assert.All(["0001", "0002", "0003"], (string episode) => Assert.True(File.Exists(Path.Combine(_folder.Root, "cross_layer", episode, EpisodeInput.CorrelationFile))));
    }

    [Fact]
    public async Task Without_benign_episodes_there_is_no_scoring() => Assert.Equal(
        "there are no requests of benign episodes; detectors are tuned on those",
        (await Assert.ThrowsAsync<InputException>(() => ScoreAsync(("0001", EpisodeKind.Fault, "keep-alive")))).Message);

    [Fact]
    public async Task It_can_be_stopped()
    {
        using var stopped = new CancellationTokenSource();
        await stopped.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => ScoreAsync(stopped.Token, ("0001", EpisodeKind.Benign, "keep-alive")));
        Assert.Empty(_visits);
    }

    public void Dispose() => _folder.Dispose();

    private static IEnumerable<Decision> Decisions(ScoredExperiment scored, int episode, string detector)
    {
        var index = scored.Detectors.ToList().FindIndex(of => of.Name == detector);
        return scored.Episodes[episode].Requests.Select(request => request.Decisions[index]);
    }

    private Task<ScoredExperiment> ScoreAsync(params (string Name, EpisodeKind Kind, string Shape)[] episodes) => ScoreAsync(CancellationToken.None, episodes);

    private async Task<ScoredExperiment> ScoreAsync(CancellationToken cancellation, params (string Name, EpisodeKind Kind, string Shape)[] episodes)
    {
        var folder = new ExperimentFolder(_folder.Root);
        var labels = new List<EpisodeLabel>();
        foreach (var (name, kind, shape) in episodes)
            labels.Add(Label(name, kind, RecordedEpisode.Write(Path.Combine(folder.CrossLayer, name), shape)));
        var task = new ScoringTask(folder, labels, 0.001, (label, _) => _visits.Add(label.Episode), (done, steps) => _progress.Add((done, steps)));
        return await ExperimentScorer.ScoreAsync(DefaultConfiguration.Load(), task, cancellation);
    }

    private static EpisodeLabel Label(string name, EpisodeKind kind, IReadOnlyList<RequestRecord> records) => new()
    {
        Episode = name,
        Kind = kind,
        Faults = [],
        Requests =
        [
            .. records.Select(record => new RequestLabel
            {
                RequestId = record.RequestId.Text,
                Route = $"{record.Method} {record.Route}",
                StartUnixNs = record.StartUnixNs!.Value,
                LatencyMs = record.LatencyMs,
                Outcome = Outcome.Right,
                Armed = false,
                TouchedBy = [],
            }),
        ],
    };
}
