using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using CrossLayer.Actors.Correlations;
using CrossLayer.Host.Outputs;
using CrossLayer.Host.Outputs.Metrics;
using CrossLayer.Host.Outputs.Watch;

namespace CrossLayer.Host.Tests.Outputs;

public sealed class WatchTests
{
    [Fact]
    public async Task Without_a_terminal_each_second_and_each_discrepancy_is_a_line_and_the_end_is_no_error()
    {
        await using var running = await RunningOutputs.StartAsync();
        await using var watch = new Watching(running.Url, "watch");
        await running.UntilAsync(page => page.Value("crosslayer_stream_clients") == 1);

        running.Outputs.Observe(Correlated.Batch(Correlated.Discrepant(17), Correlated.Healthy(18)));

        await watch.UntilAsync("path_loss shop /orders request 17: 2 segments were sent again.");
        await watch.UntilAsync("inconclusive), 0.0 events/s lost");
        Assert.Contains("answers", watch.Text, StringComparison.Ordinal);
        Assert.Contains("s behind, ready", watch.Text, StringComparison.Ordinal);
        Assert.Equal(0, await watch.StopAsync());
    }

    [Fact]
    public async Task As_jsonl_each_line_is_a_value()
    {
        var journal = new JournalReading(false, "the disk is full", RunningOutputs.Started, 0, 1);
        await using var running = await RunningOutputs.StartAsync(RunningOutputs.Daemon with { Journal = () => journal });
        await using var watch = new Watching(running.Url, "watch", "-o", "jsonl");
        await running.UntilAsync(page => page.Value("crosslayer_stream_clients") == 1);

        running.Outputs.Observe(Correlated.Batch(Correlated.Discrepant(17)));
        await watch.UntilAsync("\"discrepancy\"");
        await watch.UntilAsync("\"figures\"");
        Assert.Equal(0, await watch.StopAsync());

        var values = watch.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement).ToList();
        var found = Assert.Single(values, value => value.GetProperty("type").GetString() == "discrepancy");
        Assert.Equal(17, found.GetProperty("correlation").GetProperty("request_id").GetInt32());
        Assert.Equal("journal: the disk is full", values.First(value => value.GetProperty("type").GetString() == "figures").GetProperty("problems")[0].GetString());
    }

    [Fact]
    public async Task A_daemon_that_is_away_is_one_line_and_is_found_when_it_comes()
    {
        var port = FreePort();
        var url = new Uri($"http://127.0.0.1:{port}/");
        await using var watch = new Watching(url, "watch");
        await watch.UntilAsync("does not answer");
        await using var running = await RunningOutputs.StartAsync(settings: $"crosslayer.outputs.http.listen = \"127.0.0.1:{port}\"");
        await watch.UntilAsync($"{url} answers");

        Assert.Single(watch.Text.Split('\n'), line => line.Contains("does not answer", StringComparison.Ordinal));
        Assert.Equal(0, await watch.StopAsync());
    }

    [Fact]
    public async Task A_daemon_that_wants_a_token_gets_it_from_the_file()
    {
        using var folder = new TemporaryFolder();
        var file = folder.File("token", "s3cret\n");
        await using var running = await RunningOutputs.StartAsync(settings: $"crosslayer.outputs.http.token-file = \"{file}\"");
        await using var without = new Watching(running.Url, "watch");
        await using var with = new Watching(running.Url, "watch", "--token-file", file);

        Assert.Equal(2, await without.EndAsync());
        Assert.Contains("wants a token", without.Errors, StringComparison.Ordinal);
        await with.UntilAsync("answers");
        Assert.Equal(0, await with.StopAsync());
    }

    [Theory]
    [InlineData("--url", "127.0.0.1:9470")]
    [InlineData("--url", "ftp://host")]
    [InlineData("-o", "json")]
    [InlineData("--token-file", "/does/not/exist")]
    public async Task A_word_that_cannot_be_used_is_bad_usage(string option, string value)
    {
        using var error = new StringWriter();

        Assert.Equal(2, await Program.RunAsync(["watch", option, value], TextWriter.Null, error));
        Assert.Contains(value, error.ToString(), StringComparison.Ordinal);
        Assert.Single(error.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public void Rates_are_what_two_readings_differ_by_and_a_daemon_that_began_anew_starts_from_nothing()
    {
        var before = MetricsText.Parse("crosslayer_correlations_total{verdict=\"healthy\"} 100\ncrosslayer_kernel_events_lost_total 50\n");
        var now = MetricsText.Parse("crosslayer_correlations_total{verdict=\"healthy\"} 160\ncrosslayer_kernel_events_lost_total 4\n");

        var figures = WatchFigures.Of(before, now, 2, []);

        Assert.Equal(30, figures.RequestsPerSecond);
        Assert.Equal(("healthy", 30), Assert.Single(figures.Verdicts));
        Assert.Equal(2, figures.LostPerSecond);
    }

    [Fact]
    public void The_screen_shows_figures_causes_and_the_last_discrepancies_and_obeys_no_foreign_text()
    {
        var page = MetricsText.Parse(
            "crosslayer_correlations_total{verdict=\"healthy\"} 10\ncrosslayer_discrepancies_total{cause=\"path_loss\",service=\"a\"} 7\n");
        var screen = new WatchScreen(new Uri("http://127.0.0.1:9470/"));
        var discrepancy = Correlated.Discrepant(1, Cause.SlowReader, "[red]shop\u001b[2J");
        screen.Apply(new FiguresRead(DateTimeOffset.UtcNow, WatchFigures.Of(page, page, 1, ["journal: full"])));
        screen.Apply(new DiscrepancySeen(DateTimeOffset.UtcNow, discrepancy, "{}"));
        screen.Apply(new DiscrepanciesMissed(DateTimeOffset.UtcNow, 5));

        using var output = new StringWriter();
        Terminal.For(output).Write(screen.Render());
        var text = output.ToString();

        foreach (var expected in (string[])["not ready: journal: full", "path_loss", "7", "slow_reader", "[red]shop?[2J", "5 discrepancies missed"])
            Assert.Contains(expected, text, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', text);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>The program, watching.</summary>
    private sealed class Watching : IAsyncDisposable
    {
        private readonly CancellationTokenSource _interrupt = new();
        private readonly StringWriter _output = new();
        private readonly TextWriter _locked;
        private readonly StringBuilder _error = new();
        private readonly Task<int> _run;

        public Watching(Uri url, params string[] words)
        {
            _locked = TextWriter.Synchronized(_output);
            _run = Task.Run(() => Program.RunAsync([.. words, "--url", url.ToString()], _locked, new StringWriter(_error), _interrupt.Token));
        }

        public string Text
        {
            get
            {
                lock (_locked) // as its writing does
                    return _output.ToString();
            }
        }

        /// <summary>Once it has ended.</summary>
        public string Errors => _error.ToString();

        public Task UntilAsync(string text) => Wait.UntilAsync(() => Text.Contains(text, StringComparison.Ordinal));

        public Task<int> EndAsync() => _run.WaitAsync(TimeSpan.FromSeconds(30));

        public async Task<int> StopAsync()
        {
            await _interrupt.CancelAsync();
            return await EndAsync();
        }

        public async ValueTask DisposeAsync()
        {
            await _interrupt.CancelAsync();
            await _run;
            _interrupt.Dispose();
            await _output.DisposeAsync();
        }
    }
}
