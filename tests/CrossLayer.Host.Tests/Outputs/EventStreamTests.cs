using System.Net;
using System.Net.Sockets;
using System.Text;
using CrossLayer.Host.Outputs.Metrics;
using CrossLayer.Host.Outputs.Stream;

namespace CrossLayer.Host.Tests.Outputs;

public sealed class EventStreamTests
{
    [Fact]
    public async Task Discrepancies_are_streamed_as_correlations_json_has_them()
    {
        await using var running = await RunningOutputs.StartAsync();
        using var reader = await EventReader.OpenAsync(running);

        running.Outputs.Observe(Correlated.Batch(Correlated.Healthy(1), Correlated.Discrepant(2), Correlated.Discrepant(3)));

        var (id, name, data) = await reader.NextAsync();
        Assert.Equal("discrepancy", name);
        Assert.True(EventId.TryParse(id, out var parsed));
        Assert.Equal((1, false), (parsed.Number, parsed.All));
        Assert.Equal(2, data.GetProperty("request_id").GetInt32());
        Assert.Equal("path_loss", data.GetProperty("cause").GetString());
        Assert.Equal("tuple+bytes", data.GetProperty("match").GetProperty("method").GetString());
        Assert.Equal(3, (await reader.NextAsync()).Data.GetProperty("request_id").GetInt32());
    }

    [Fact]
    public async Task All_means_every_correlation()
    {
        await using var running = await RunningOutputs.StartAsync();
        using var reader = await EventReader.OpenAsync(running, "/v1/events?all");

        running.Outputs.Observe(Correlated.Batch(Correlated.Healthy(1), Correlated.Discrepant(2)));

        var (_, name, data) = await reader.NextAsync();
        Assert.Equal(("correlation", "healthy"), (name, data.GetProperty("verdict").GetString()));
        Assert.Equal(2, (await reader.NextAsync()).Data.GetProperty("request_id").GetInt32());
    }

    [Fact]
    public async Task A_reader_that_comes_back_goes_on_where_it_was()
    {
        await using var running = await RunningOutputs.StartAsync();
        string id;
        using (var first = await EventReader.OpenAsync(running))
        {
            running.Outputs.Observe(Correlated.Batch(Correlated.Discrepant(1)));
            (id, _, _) = await first.NextAsync();
        }

        running.Outputs.Observe(Correlated.Batch(Correlated.Discrepant(2), Correlated.Discrepant(3)));
        using var second = await EventReader.OpenAsync(running, lastId: id);

        Assert.Equal(2, (await second.NextAsync()).Data.GetProperty("request_id").GetInt32());
        Assert.Equal(3, (await second.NextAsync()).Data.GetProperty("request_id").GetInt32());
    }

    [Fact]
    public async Task What_is_no_longer_kept_is_a_gap_that_says_how_much()
    {
        await using var running = await RunningOutputs.StartAsync(settings: "crosslayer.outputs.http.stream-buffer = 4");
        string id;
        using (var first = await EventReader.OpenAsync(running))
        {
            running.Outputs.Observe(Correlated.Batch(Correlated.Discrepant(1)));
            (id, _, _) = await first.NextAsync();
        }

        await running.UntilAsync(page => page.Value("crosslayer_stream_clients") == 0);
        running.Outputs.Observe(Correlated.Batch([.. Enumerable.Range(2, 10).Select(i => Correlated.Discrepant(i))]));
        using var second = await EventReader.OpenAsync(running, lastId: id);

        var (gapId, name, data) = await second.NextAsync();
        Assert.Equal(("gap", 6), (name, data.GetProperty("missed").GetInt32()));
        Assert.EndsWith("-d-7", gapId, StringComparison.Ordinal);
        Assert.Equal(8, (await second.NextAsync()).Data.GetProperty("request_id").GetInt32());
        Assert.Equal(6, MetricsText.Parse((await running.GetAsync("/metrics")).Text)
            .Value("crosslayer_output_events_total", ("output", "stream"), ("outcome", "dropped")));
    }

    [Theory]
    [InlineData("1-d-1")] // of another run
    [InlineData("nonsense")]
    public async Task An_id_that_cannot_be_placed_is_a_gap_of_unknown_size(string lastId)
    {
        await using var running = await RunningOutputs.StartAsync();
        running.Outputs.Observe(Correlated.Batch(Correlated.Discrepant(1)));
        using var reader = await EventReader.OpenAsync(running, lastId: lastId);

        var (_, name, data) = await reader.NextAsync();
        Assert.Equal("gap", name);
        Assert.Equal(System.Text.Json.JsonValueKind.Null, data.GetProperty("missed").ValueKind);
        Assert.Equal(1, (await reader.NextAsync()).Data.GetProperty("request_id").GetInt32());
    }

    [Fact]
    public async Task A_silent_stream_says_that_it_is_alive()
    {
        await using var running = await RunningOutputs.StartAsync(settings: "crosslayer.outputs.http.stream-heartbeat = 100ms");
        using var reader = await EventReader.OpenAsync(running);

        Assert.Equal(": alive", await reader.CommentAsync());
        Assert.Equal(": alive", await reader.CommentAsync());
    }

    [Fact]
    public async Task A_reader_that_does_not_read_holds_up_nobody_and_learns_what_it_missed()
    {
        const int Events = 60_000;
        await using var running = await RunningOutputs.StartAsync(settings: "crosslayer.outputs.http.stream-buffer = 100");
        using var slow = new TcpClient { ReceiveBufferSize = 4096 };
        await slow.ConnectAsync(running.Outputs.Address!);
        var connection = slow.GetStream();
        await connection.WriteAsync(Encoding.ASCII.GetBytes("GET /v1/events HTTP/1.0\r\n\r\n"));
        await ReadUntilAsync(connection, ": begin");
        using var quick = await EventReader.OpenAsync(running);

        // What the sockets' buffers hold is far less than this.
        for (var i = 1; i <= Events; i += 50)
        {
            running.Outputs.Observe(Correlated.Batch([.. Enumerable.Range(i, 50).Select(id => Correlated.Discrepant(id))]));
            if (i % 5000 == 1)
                await quick.NextAsync();
        }

        var missed = 0L;
        var got = 0;
        var text = new StringReader(await ReadUntilAsync(connection, $"\"request_id\":{Events},"));
        var names = new List<string>();
        while (await text.ReadLineAsync() is { } line)
        {
            if (line.StartsWith("event: ", StringComparison.Ordinal))
                names.Add(line[7..]);
            if (line.StartsWith("data: {\"missed\":", StringComparison.Ordinal))
                missed += long.Parse(line[16..^1], System.Globalization.CultureInfo.InvariantCulture);
            else if (line.StartsWith("data: ", StringComparison.Ordinal))
                got++;
        }

        Assert.Contains("gap", names);
        Assert.Equal(Events, missed + got);
    }

    [Fact]
    public async Task Beyond_the_most_readers_the_next_is_turned_away_until_one_leaves()
    {
        await using var running = await RunningOutputs.StartAsync(settings: "crosslayer.outputs.http.max-streams = 1");
        using (await EventReader.OpenAsync(running))
        {
            var (status, text) = await running.GetAsync("/v1/events");
            Assert.Equal(HttpStatusCode.ServiceUnavailable, status);
            Assert.Contains("max-streams", text, StringComparison.Ordinal);
            Assert.Equal(1, MetricsText.Parse((await running.GetAsync("/metrics")).Text).Value("crosslayer_stream_clients"));
        }

        await running.UntilAsync(page => page.Value("crosslayer_stream_clients") == 0);
        using var next = await EventReader.OpenAsync(running);
    }

    [Fact]
    public async Task Without_the_token_nothing_is_told()
    {
        using var folder = new TemporaryFolder();
        var file = folder.File("token", "s3cret\n");
        await using var running = await RunningOutputs.StartAsync(settings: $"crosslayer.outputs.http.token-file = \"{file}\"");

        foreach (var path in (string[])["/metrics", "/healthz", "/readyz", "/v1/events"])
            Assert.Equal((HttpStatusCode.Unauthorized, ""), await running.GetAsync(path));
        running.Client.DefaultRequestHeaders.Add("Authorization", "Bearer s3cret");
        Assert.Equal(HttpStatusCode.OK, (await running.GetAsync("/metrics")).Status);
    }

    private static async Task<string> ReadUntilAsync(NetworkStream connection, string end)
    {
        using var bound = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var text = new StringBuilder();
        var bytes = new byte[1 << 16];
        var tail = "";
        while (!tail.Contains(end, StringComparison.Ordinal))
        {
            var read = await connection.ReadAsync(bytes, bound.Token);
            Assert.True(read > 0, "the stream ended");
            var piece = Encoding.UTF8.GetString(bytes, 0, read);
            text.Append(piece);
            tail = (tail.Length > 200 ? tail[^200..] : tail) + piece;
        }

        return text.ToString();
    }
}
