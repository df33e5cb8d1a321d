using System.Text;
using CrossLayer.Actors.Requests;
using CrossLayer.Host.Files;
using CrossLayer.Host.Serving;
using CrossLayer.Host.Tests.Files;

namespace CrossLayer.Host.Tests.Commands;

public sealed class CommandLineTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly TemporaryFolder _folder = new();

    [Theory]
    [InlineData("foo", "'foo' is neither a command nor an option of crosslayer")]
    [InlineData("serve --zip", "'--zip' is neither a command nor an option of crosslayer serve")]
    [InlineData("serve --port 70000", "--port is '70000'; expected a whole number from 0 to 65535")]
    [InlineData("serve --port http", "--port is 'http'; expected a whole number from 0 to 65535")]
    [InlineData("serve --address localhost", "--address is 'localhost'; expected an IP address")]
    [InlineData("load", "Option '--url' is required")]
    [InlineData("load --url ftp://host/", "--url is 'ftp://host/'; expected a URL such as http://localhost:8080/")]
    [InlineData("load --url localhost:8080", "--url is 'localhost:8080'; expected a URL")]
    [InlineData("load --url http://h --requests 0", "--requests is '0'; expected a whole number from 1 to")]
    [InlineData("load --url http://h --interval -1", "--interval is '-1'; expected a whole number from 0 to")]
    [InlineData("load --url http://h --concurrency 0", "--concurrency is '0'; expected a whole number from 1 to")]
    [InlineData("correlate --app-metrics a --ebpf-events b --format combined", "--format is 'combined'; expected one of json, nginx, haproxy, apache, envoy")]
    [InlineData("correlate --app-metrics a --app-metrics b --app-metrics c --format json --format nginx --ebpf-events d", "2 times --format and 3 times --app-metrics; expected one")]
    [InlineData("analyze", "Option '--input' is required")]
    [InlineData("analyze --input x --false-positives 2", "--false-positives is '2'; expected a number from 0 to 1")]
    [InlineData("analyze --input x -o jsonl", "-o is 'jsonl'; expected table or json")]
    [InlineData("load --url http://h --timeout 0", "--timeout is '0'; expected a whole number from 1 to")]
    [InlineData("run --check --set cluster.enabled=true --set cluster.seeds=[\"a:1\"] --set cluster.tls.key=/none/k --set cluster.tls.certificate=/none/c --set cluster.tls.authority=/none/a",
        "crosslayer.cluster.tls: Could not find a part of the path '/none/c'")]
    public async Task Bad_usage_is_one_line_and_exit_code_2(string arguments, string expected)
    {
        var (exitCode, output, error) = await RunAsync(arguments.Split(' '));

        Assert.Equal(ExitCode.BadInput, exitCode);
        Assert.Empty(output);
        Assert.StartsWith("error: " + expected, error, StringComparison.Ordinal);
        Assert.Equal(1, error.Count(character => character == '\n'));
    }

    [Theory]
    [InlineData("")]
    [InlineData("--help")]
    [InlineData("serve --help")]
    [InlineData("load --help")]
    [InlineData("correlate --help")]
    [InlineData("analyze --help")]
    [InlineData("--version")]
    public async Task Help_and_version_are_printed(string arguments)
    {
        var (exitCode, output, error) = await RunAsync(arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries));

        Assert.Equal(ExitCode.Done, exitCode);
        Assert.NotEmpty(output);
        Assert.Empty(error);
    }

    [Fact]
    public async Task Serve_and_load_write_the_two_sides_of_the_same_requests()
    {
        var (server, client) = (_folder.File("server.json"), _folder.File("client.json"));
        using var stop = new CancellationTokenSource();
        var output = new FirstLine();
        var serving = Program.RunAsync(["serve", "--port", "0", "--output", server], output, TextWriter.Null, stop.Token);
        var ready = await output.Line.WaitAsync(Patience);
        Assert.Matches("^listening on http://127.0.0.1:[0-9]+, records to ", ready);
        Assert.EndsWith(server, ready, StringComparison.Ordinal);

        var (exitCode, printed, _) = await RunAsync(
            ["load", "--url", ready.Split([' ', ','])[2], "--requests", "20", "--interval", "1", "--output", client]);
        await stop.CancelAsync();

        Assert.Equal(ExitCode.Done, exitCode);
        Assert.Equal(ExitCode.Done, await serving);
        Assert.Contains("20 requests: 20 success", printed, StringComparison.Ordinal);
        Assert.Contains("latency: p50 ", printed, StringComparison.Ordinal);
        Assert.EndsWith($"records in {client}\n", printed, StringComparison.Ordinal);
        Assert.EndsWith($"stopped; 20 records in {server}\n", output.ToString(), StringComparison.Ordinal);
        var sent = Records.ReadFile(RequestRecordJson.Kind, client);
        var served = Records.ReadFile(RequestRecordJson.Kind, server);
        Assert.Equal(sent.Select(Facts), served.Select(Facts));

        static object Facts(RequestRecord record) =>
            (record.RequestId, record.RequestBytes, record.ResponseBytes, record.ConnectionRequest, record.StatusCode);
    }

    [Fact]
    public async Task Serve_leaves_the_files_of_whoever_has_the_port_alone()
    {
        await using var other = await HttpServer.StartAsync(new HttpServerOptions(), _ => ValueTask.CompletedTask);
        var path = _folder.File("server.json", "[]");

        var (exitCode, _, error) = await RunAsync(["serve", "--port", $"{other.Port}", "--output", path]);

        Assert.Equal(ExitCode.BadInput, exitCode);
        Assert.StartsWith($"error: port {other.Port} on 127.0.0.1 is in use;", error, StringComparison.Ordinal);
        Assert.Equal("[]", await File.ReadAllTextAsync(path));
    }

    [Theory]
    [InlineData("serve --port 0")]
    [InlineData("load --url http://127.0.0.1:1/ --requests 1")]
    public async Task A_file_that_cannot_be_written_is_exit_code_2(string arguments)
    {
        var (exitCode, _, error) = await RunAsync([.. arguments.Split(' '), "--output", _folder.Root]);

        Assert.Equal(ExitCode.BadInput, exitCode);
        Assert.Equal($"error: cannot write {_folder.Root}: it is a directory\n", error);
    }

    [Fact]
    public async Task Verbose_shows_where_an_error_arose()
    {
        var (exitCode, _, error) = await RunAsync(["serve", "--port", "0", "--output", _folder.Root, "--verbose"]);

        Assert.Equal(ExitCode.BadInput, exitCode);
        Assert.Contains("   at CrossLayer.Host.", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cancelled_load_keeps_its_files_and_says_so()
    {
        var path = _folder.File("client.json");
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();

        var (exitCode, output, _) = await RunAsync(["load", "--url", "http://127.0.0.1:1/", "--output", path], cancelled.Token);

        Assert.Equal(ExitCode.Done, exitCode);
        Assert.StartsWith("0 requests (of 100, stopped early): none was sent", output, StringComparison.Ordinal);
        Assert.Empty(Records.ReadFile(RequestRecordJson.Kind, path));
    }

    public void Dispose() => _folder.Dispose();

    private static async Task<(int ExitCode, string Output, string Error)> RunAsync(
        string[] arguments, CancellationToken cancellation = default)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var exitCode = await Program.RunAsync(arguments, output, error, cancellation).WaitAsync(Patience, CancellationToken.None);
        return (exitCode, output.ToString(), error.ToString());
    }

    /// <summary>Tells the first line as soon as it is written.</summary>
    private sealed class FirstLine : StringWriter
    {
        private readonly TaskCompletionSource<string> _line = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<string> Line => _line.Task;

        public override Encoding Encoding => Encoding.UTF8;

        public override Task WriteLineAsync(string? value)
        {
            base.WriteLine(value);
            _line.TrySetResult(value!);
            return Task.CompletedTask;
        }
    }
}
