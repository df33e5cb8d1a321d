using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;

namespace CrossLayer.Integration.Tests.Daemon;

/// <summary><c>crosslayer run</c> on free ports, with everything it writes in a folder of the test's.</summary>
internal sealed class RunningDaemon : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly HttpClient _client = new() { Timeout = TimeSpan.FromSeconds(10) };

    private RunningDaemon(RunningProgram program, int outputs, int ingest) => (Program, OutputPort, IngestPort) = (program, outputs, ingest);

    public RunningProgram Program { get; }

    public int OutputPort { get; }

    public int IngestPort { get; }

    /// <param name="program">Its folder is the daemon's.</param>
    /// <param name="watched">The port that the probe follows.</param>
    /// <param name="settings">More settings, each <c>key=value</c>.</param>
    public static async Task<RunningDaemon> StartAsync(CrossLayerProgram program, int watched, params string[] settings)
    {
        var (outputs, ingest) = (FreePort(), FreePort());
        string[] own =
        [
            $"probe.ports=[{watched}]", $"outputs.http.listen=127.0.0.1:{outputs}", $"ingest.http.listen=127.0.0.1:{ingest}",
            "ingest.otlp-http.listen=off", "ingest.otlp-grpc.listen=off", "correlation.lateness=500ms",
        ];
        var running = await program.StartAsync("ready: ", ["run", .. own.Concat(settings).SelectMany(setting => new[] { "--set", setting })]);
        return new RunningDaemon(running, outputs, ingest);
    }

    /// <summary>The sum of a metric's samples whose labels hold a text.</summary>
    public async Task<double> MetricAsync(string name, string labels = "") => (await PageAsync())
        .Where(line => line.StartsWith($"{name}{{", StringComparison.Ordinal) || line.StartsWith($"{name} ", StringComparison.Ordinal))
        .Where(line => line.Contains(labels, StringComparison.Ordinal))
        .Sum(line => double.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture));

    /// <summary>What <c>/readyz</c> answers.</summary>
    public async Task<(int Status, string Body)> ReadyAsync()
    {
        using var answer = await _client.GetAsync($"http://127.0.0.1:{OutputPort}/readyz");
        return ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }

    public async Task<string[]> PageAsync() => (await _client.GetStringAsync($"http://127.0.0.1:{OutputPort}/metrics")).Split('\n');

    public async Task WaitForAsync(string name, string labels, double least)
    {
        using var limit = new CancellationTokenSource(Patience);
        while (await MetricAsync(name, labels) < least)
        {
            Assert.False(limit.IsCancellationRequested, $"{name}{{{labels}}} did not come to {least}:\n"
                + string.Join('\n', (await PageAsync()).Where(line => line.StartsWith("crosslayer_", StringComparison.Ordinal) && !line.Contains("bucket", StringComparison.Ordinal))));
            await Task.Delay(50, CancellationToken.None);
        }
    }

    /// <summary>The request ids of discrepancies as the live stream tells of them, until the daemon is gone.</summary>
    /// <param name="connected">Completed once the stream is there.</param>
    /// <param name="onTold">Hears how many were told of, at each.</param>
    public async Task<List<string>> FollowAsync(TaskCompletionSource connected, Action<int>? onTold = null)
    {
        var told = new List<string>();
        try
        {
            using var following = new HttpClient { Timeout = Timeout.InfiniteTimeSpan };
            using var stream = new StreamReader(await following.GetStreamAsync($"http://127.0.0.1:{OutputPort}/v1/events"));
            connected.TrySetResult();
            while (await stream.ReadLineAsync() is { } line)
            {
                if (line.StartsWith("data: {", StringComparison.Ordinal) && JsonDocument.Parse(line[6..]).RootElement.TryGetProperty("request_id", out var id))
                {
                    told.Add(id.ToString());
                    onTold?.Invoke(told.Count);
                }
            }
        }
        catch (Exception exception) when (exception is IOException or HttpRequestException)
        {
            connected.TrySetResult(); // it is gone
        }

        return told;
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await Program.DisposeAsync();
    }

    /// <summary>A port of the loopback interface that nobody listens at.</summary>
    public static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
