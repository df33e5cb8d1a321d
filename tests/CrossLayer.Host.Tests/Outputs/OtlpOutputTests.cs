using System.Net;
using System.Net.Sockets;
using Akka.Configuration;
using CrossLayer.Host.Outputs;
using CrossLayer.Host.Outputs.Otlp;

namespace CrossLayer.Host.Tests.Outputs;

public sealed class OtlpOutputTests
{
    private static readonly OtlpSettings Impatient = new() { RetryAfter = TimeSpan.FromMilliseconds(5), RetryAfterAtMost = TimeSpan.FromMilliseconds(20) };

    private readonly LoggedLines _log = new();

    [Fact]
    public async Task A_discrepancy_is_a_span_in_the_applications_trace_over_the_time_of_the_request()
    {
        await using var receiver = await OtlpReceiver.StartAsync();
        await using var output = new OtlpOutput(Impatient with { Endpoint = new Uri(receiver.Url, "v1/traces") }, _log);

        output.Publish([Correlated.Healthy(1), Correlated.Discrepant(2)]);
        await Wait.UntilAsync(() => output.Reading.Delivered == 1);

        var span = Assert.Single(receiver.Spans);
        Assert.Equal(Correlated.TraceId, Convert.ToHexStringLower(span.Bytes(1)));
        Assert.Equal(8, span.Bytes(2).Length);
        Assert.False(span.Has(4), "a parent that nobody has");
        Assert.Equal("discrepancy path_loss", span.Text(5));
        Assert.Equal(1_700_000_000_002_000_000UL, span.Number(7));
        Assert.Equal(1_700_000_000_016_000_000UL, span.Number(8)); // delivered after 14 ms
        Assert.Equal(2UL, span.Message(15).Number(3)); // error
        var attributes = OtlpReceiver.Attributes(span, 9);
        Assert.Equal("path_loss", attributes["crosslayer.cause"]);
        Assert.Equal(0.9, attributes["crosslayer.confidence"]);
        Assert.Equal("application", attributes["crosslayer.blind_layer"]);
        Assert.Equal("tuple+bytes", attributes["crosslayer.match.method"]);
        Assert.Equal(1.5, attributes["crosslayer.ledger.recovery_ms"]);
        Assert.Equal("2", attributes["crosslayer.request_id"]);
        Assert.Equal("/orders", attributes["http.route"]);
        Assert.DoesNotContain("crosslayer.ledger.connect_ms", attributes.Keys);

        var resource = Assert.Single(receiver.Requests).Message(1);
        Assert.Equal("crosslayer", OtlpReceiver.Attributes(resource.Message(1), 1)["service.name"]);
        Assert.Equal("crosslayer.discrepancies", resource.Message(2).Message(1).Text(1));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("not a trace id")]
    [InlineData("00000000000000000000000000000000")]
    public async Task A_request_without_a_trace_gets_one_of_its_own(string? traceId)
    {
        await using var receiver = await OtlpReceiver.StartAsync();
        await using var output = new OtlpOutput(Impatient with { Endpoint = new Uri(receiver.Url, "v1/traces") }, _log);
        var correlation = Correlated.Discrepant(1);

        output.Publish([correlation with { ServerRecord = correlation.ServerRecord! with { TraceId = traceId } }]);
        await Wait.UntilAsync(() => output.Reading.Delivered == 1);

        Assert.Contains(Assert.Single(receiver.Spans).Bytes(1), digit => digit != 0);
    }

    [Fact]
    public async Task A_collector_that_was_away_gets_all_that_waited_each_once()
    {
        using var folder = new TemporaryFolder();
        var port = FreePort();
        var endpoint = new Uri($"http://127.0.0.1:{port}/v1/traces");
        await using var output = new OtlpOutput(Impatient with { Endpoint = endpoint, TokenFile = folder.File("token", "s3cret\n") }, _log);
        output.Publish([.. Enumerable.Range(1, 600).Select(id => Correlated.Discrepant(id))]);
        await Wait.UntilAsync(() => output.Reading.Retries >= 2);
        Assert.Equal((0, 0, 600), (output.Reading.Delivered, output.Reading.Dropped, output.Reading.Waiting));

        await using var receiver = await OtlpReceiver.StartAsync(port);
        await Wait.UntilAsync(() => output.Reading.Delivered == 600);

        Assert.Equal(
            Enumerable.Range(1, 600).Select(id => $"{id}"),
            receiver.Spans.Select(span => (string)OtlpReceiver.Attributes(span, 9)["crosslayer.request_id"]));
        Assert.All(receiver.Authorizations, shown => Assert.Equal("Bearer s3cret", shown));
        Assert.Equal(
            [
                $"Warning: output otlp: {endpoint} does not take discrepancies; what it drops is counted (crosslayer_output_events_total)",
                "Information: output otlp: works again",
            ],
            _log.Lines);
    }

    [Fact]
    public async Task What_finds_no_room_is_dropped_and_counted_and_publishing_waits_for_nobody()
    {
        await using var receiver = await OtlpReceiver.StartAsync();
        receiver.Refuses = true;
        await using var output = new OtlpOutput(Impatient with { Endpoint = new Uri(receiver.Url, "v1/traces"), MaxWaiting = 10 }, _log);
        output.Publish([Correlated.Discrepant(0)]);
        await Wait.UntilAsync(() => output.Reading.Retries > 0);

        output.Publish([.. Enumerable.Range(1, 100).Select(id => Correlated.Discrepant(id))]);
        Assert.Equal(90, output.Reading.Dropped);
        receiver.Refuses = false;
        await Wait.UntilAsync(() => output.Reading.Delivered == 11);

        Assert.Equal(11, receiver.Spans.Count);
        Assert.Equal(0, output.Reading.Waiting);
    }

    [Fact]
    public async Task What_a_collector_never_takes_is_given_up_and_counted()
    {
        await using var receiver = await OtlpReceiver.StartAsync();
        receiver.Refuses = true;
        await using var output = new OtlpOutput(
            Impatient with { Endpoint = new Uri(receiver.Url, "v1/traces"), GiveUpAfter = TimeSpan.FromMilliseconds(50) }, _log);
        output.Publish([Correlated.Discrepant(1)]);
        await Wait.UntilAsync(() => output.Reading.Dropped == 1);
        receiver.Refuses = false;
        output.Publish([Correlated.Discrepant(2)]);
        await Wait.UntilAsync(() => output.Reading.Delivered == 1);

        Assert.True(output.Reading.Retries > 0);
    }

    [Fact]
    public async Task A_stop_sends_what_waits_and_counts_what_is_not_taken()
    {
        await using var receiver = await OtlpReceiver.StartAsync();
        var endpoint = new Uri(receiver.Url, "v1/traces");
        var reached = new OtlpOutput(Impatient with { Endpoint = endpoint }, _log);
        reached.Publish([.. Enumerable.Range(1, 300).Select(id => Correlated.Discrepant(id))]);
        await reached.DisposeAsync();
        var away = new OtlpOutput(Impatient with { Endpoint = new Uri($"http://127.0.0.1:{FreePort()}/v1/traces"), RetryAfter = TimeSpan.FromHours(1), GiveUpAfter = TimeSpan.MaxValue }, _log);
        away.Publish([.. Enumerable.Range(1, 300).Select(id => Correlated.Discrepant(id))]);
        await away.DisposeAsync();

        Assert.Equal((300, 0), (reached.Reading.Delivered, reached.Reading.Dropped));
        Assert.Equal((0, 300), (away.Reading.Delivered, away.Reading.Dropped));
    }

    [Theory]
    [InlineData("\"http://127.0.0.1:4318\"", "http://127.0.0.1:4318/v1/traces")]
    [InlineData("\"https://collector/custom\"", "https://collector/custom")]
    public void An_address_alone_gets_the_path_of_collectors(string endpoint, string expected) =>
        Assert.Equal(expected, Settings($"crosslayer.outputs.otlp.endpoint = {endpoint}").Otlp.Endpoint?.ToString());

    [Theory]
    [InlineData("otlp.endpoint = \"localhost:4318\"", "otlp.endpoint = localhost:4318")]
    [InlineData("otlp.max-waiting = 0", "otlp.max-waiting = 0")]
    [InlineData("jsonl.max-size = 10", "jsonl.max-size = 10")]
    [InlineData("jsonl.keep = -1", "jsonl.keep = -1")]
    [InlineData("max-label-sets = 0", "max-label-sets = 0")]
    [InlineData("http.max-streams = x", "http.max-streams")]
    [InlineData("http.stream-heartbeat = 1ms", "http.stream-heartbeat")]
    [InlineData("http.alive-within = soon", "http.alive-within = soon")]
    [InlineData("http.listen = \"0.0.0.0:9470\"", "http.listen = 0.0.0.0:9470")]
    public void A_setting_that_cannot_be_used_is_named(string setting, string expected)
    {
        var exception = Assert.Throws<ConfigurationException>(() => Settings($"crosslayer.outputs.{setting}"));

        Assert.Contains($"crosslayer.outputs.{expected}", exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', exception.Message);
    }

    private static OutputSettings Settings(string text) => OutputSettings.From(ConfigurationFactory.ParseString(text));

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
