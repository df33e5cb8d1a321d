using System.Globalization;
using System.IO.Pipes;
using System.Text.Json;
using CrossLayer.Actors.Hosts;
using CrossLayer.Host.Files;
using CrossLayer.Tests.Shapes;

namespace CrossLayer.Host.Tests.Commands;

/// <summary>Both ends of a recorded shape as the files of two hosts.</summary>
public sealed class CorrelateCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Files_of_two_hosts_give_each_request_its_four_views()
    {
        Write("pool-reuse");

        var (exitCode, output, error) = await RunAsync(
            "--app-metrics", File("client.jsonl"), "--ebpf-events", File("client_events.jsonl"),
            "--peer-metrics", File("server.jsonl"), "--peer-events", File("server_events.jsonl"), "--output", File("correlations.json"));

        Assert.True(exitCode == 0, error);
        Assert.Matches(@"^the peer.s clock is 3\.(69|70)\d+ s ahead, ± 0\.", output);
        var correlations = System.IO.File.ReadLines(File("correlations.jsonl")).Select(line => JsonDocument.Parse(line).RootElement).ToList();
        Assert.NotEmpty(correlations);
        Assert.All(correlations, one => Assert.All(["client", "server"], end => Assert.All(["record", "exchange"], view =>
            Assert.True(one.GetProperty(end).TryGetProperty(view, out _), $"no {view} at the {end}"))));
    }

    [Fact]
    public async Task Hosts_whose_clocks_nothing_aligns_are_refused()
    {
        Write("older-connection");

        var (exitCode, _, error) = await RunAsync(
            "--app-metrics", File("client.jsonl"), "--ebpf-events", File("client_events.jsonl"), "--peer-events", File("server_events.jsonl"),
            "--output", File("correlations.json"));

        Assert.Equal(2, exitCode);
        Assert.Contains("their clocks cannot be aligned", error, StringComparison.Ordinal);
        Assert.Single(error.TrimEnd().Split('\n'));
    }

    [Fact]
    public async Task Records_of_a_peer_without_its_events_are_refused()
    {
        Write("pool-reuse");

        var (exitCode, _, error) = await RunAsync(
            "--app-metrics", File("client.jsonl"), "--ebpf-events", File("client_events.jsonl"), "--peer-metrics", File("server.jsonl"));

        Assert.Equal(2, exitCode);
        Assert.Contains("--peer-events are not given", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Events_that_come_through_a_pipe_are_taken_as_those_of_a_file()
    {
        Write("pool-reuse");
        using var pipe = new AnonymousPipeServerStream(PipeDirection.In);
        var writing = Task.Run(async () =>
        {
            await using var client = new AnonymousPipeClientStream(PipeDirection.Out, pipe.ClientSafePipeHandle);
            await using var events = System.IO.File.OpenRead(File("client_events.jsonl"));
            await events.CopyToAsync(client);
        });

        var (exitCode, _, error) = await RunAsync(
            "--app-metrics", File("client.jsonl"), "--output", File("piped/correlations.json"),
            "--ebpf-events", string.Create(CultureInfo.InvariantCulture, $"/proc/self/fd/{pipe.SafePipeHandle.DangerousGetHandle()}"));
        await writing;
        Assert.True(exitCode == 0, error);
        (exitCode, _, error) = await RunAsync(
            "--app-metrics", File("client.jsonl"), "--ebpf-events", File("client_events.jsonl"), "--output", File("correlations.json"));

        Assert.True(exitCode == 0, error);
        Assert.NotEmpty(System.IO.File.ReadAllLines(File("correlations.jsonl")));
        Assert.Equal(System.IO.File.ReadAllBytes(File("correlations.json")), System.IO.File.ReadAllBytes(File("piped/correlations.json")));
        Assert.Equal(["correlations.json", "correlations.jsonl"], Directory.GetFiles(File("piped")).Select(Path.GetFileName).Order());
    }

    [Theory]
    [InlineData("client.jsonl")]
    [InlineData("client_events.jsonl")]
    public async Task Input_that_cannot_be_used_leaves_the_results_of_before(string broken)
    {
        Write("pool-reuse");
        _folder.File("correlations.json", "of before");
        System.IO.File.AppendAllText(File(broken), "{\"x\":");

        var (exitCode, _, error) = await RunAsync(
            "--app-metrics", File("client.jsonl"), "--ebpf-events", File("client_events.jsonl"), "--output", File("correlations.json"));

        Assert.Equal(2, exitCode);
        Assert.Matches($"^error: {System.Text.RegularExpressions.Regex.Escape(File(broken))}, line \\d+: the file ends inside a ", error);
        Assert.Equal("of before", System.IO.File.ReadAllText(File("correlations.json")));
    }

    [Fact]
    public async Task An_output_that_cannot_be_written_is_named()
    {
        Write("pool-reuse");
        _folder.File("file", "");

        var (exitCode, _, error) = await RunAsync(
            "--app-metrics", File("client.jsonl"), "--ebpf-events", File("client_events.jsonl"), "--output", File("file/correlations.json"));

        Assert.Equal(2, exitCode);
        Assert.StartsWith($"error: cannot write to {File("file")}: ", error, StringComparison.Ordinal);
        Assert.Single(error.TrimEnd().Split('\n'));
    }

    private void Write(string shape)
    {
        var fixture = new ShapeFixture(Path.Combine(AppContext.BaseDirectory, "fixtures", "shapes", shape));
        var (client, server) = fixture.AsTwoHosts(Reporters.Both, monotonicNs: 3_700_000_000, wallNs: -2_000_000_000);
        Write("client", client);
        Write("server", server);
    }

    private void Write(string name, HostRecording host)
    {
        using (var records = RecordWriter<Actors.Requests.RequestRecord>.Create(File($"{name}.jsonl"), RequestRecordJson.Kind))
            records.Append([.. from source in host.Sources from i in Enumerable.Range(0, source.Count) select source[i]]);
        using var events = RecordWriter<DatedKernelEvent>.Create(File($"{name}_events.jsonl"), KernelEventJson.Kind);
        events.Append([.. host.Events.Select(seen => new DatedKernelEvent { Event = seen.Event, UnixNs = seen.UnixNs })]);
    }

    private string File(string name) => _folder.File(name);

    private static async Task<(int ExitCode, string Output, string Error)> RunAsync(params string[] arguments)
    {
        await using var output = new StringWriter();
        await using var error = new StringWriter();
        var exitCode = await Program.RunAsync(["correlate", .. arguments], output, error);
        return (exitCode, output.ToString(), error.ToString());
    }
}
