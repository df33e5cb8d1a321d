using System.Globalization;
using System.Net.Sockets;
using CrossLayer.Actors.Cluster;
using CrossLayer.Actors.Correlations;
using CrossLayer.Host.Files;
using CrossLayer.Host.Lab;
using CrossLayer.Host.Outputs.Cluster;

namespace CrossLayer.Host.Demo.Cluster;

/// <summary>A daemon on one of the lab's hosts, a member of the cluster.</summary>
internal sealed class ClusterDemoHost : IAsyncDisposable
{
    /// <summary>By which members speak with each other.</summary>
    public const int Port = 4053;

    private const int OutputPort = 9470;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan EndsWithin = TimeSpan.FromSeconds(30); // crosslayer.daemon.stop-timeout, and some

    private readonly LabNamespace _host;
    private readonly HttpClient _client;
    private readonly List<string> _lines = [];
    private readonly IReadOnlyList<string> _arguments;
    private readonly IReadOnlyList<string> _through;
    private LabProcess _process;

    private ClusterDemoHost(LabNamespace host, string name, string folder, IReadOnlyList<string> arguments, IReadOnlyList<string> through)
    {
        (_host, Name, Folder, _arguments, _through) = (host, name, folder, arguments, through);
        _client = new HttpClient(new SocketsHttpHandler { ConnectCallback = ConnectAsync }) { Timeout = TimeSpan.FromSeconds(5) };
        _process = Start();
    }

    /// <summary>What the host stands for.</summary>
    public string Name { get; }

    /// <summary>Where its files go.</summary>
    public string Folder { get; }

    /// <summary>Where applications on the host report to.</summary>
    public string ReportTo => $"unix://{Path.Combine(Folder, "requests.sock")}";

    /// <summary>The daemon's process.</summary>
    public LabProcess Process => _process;

    /// <summary>What it has printed.</summary>
    public string Printed
    {
        get
        {
            lock (_lines)
                return string.Join('\n', _lines);
        }
    }

    /// <summary>Starts a daemon.</summary>
    /// <param name="host">Where.</param>
    /// <param name="name">What the host stands for.</param>
    /// <param name="address">By which the others reach it.</param>
    /// <param name="seeds">The addresses of all, the same for each: one that is started again joins through another.</param>
    /// <param name="port">The port whose connections are watched.</param>
    /// <param name="folder">The demo's folder.</param>
    /// <param name="settings">More settings, each <c>key=value</c>.</param>
    /// <param name="through">A program that starts it, and its words; empty for none.</param>
    public static ClusterDemoHost Start(LabNamespace host, string name, string address, IReadOnlyList<string> seeds, int port, string folder,
        IReadOnlyList<string> settings, IReadOnlyList<string> through)
    {
        var own = Directory.CreateDirectory(Path.Combine(Path.GetFullPath(folder), name)).FullName;
        string[] all =
        [
            "cluster.enabled=true", "cluster.bind-host=0.0.0.0", $"cluster.host={address}", string.Create(CultureInfo.InvariantCulture, $"cluster.port={Port}"),
            $"cluster.seeds=[{string.Join(", ", seeds.Select(seed => string.Create(CultureInfo.InvariantCulture, $"\"{seed}:{Port}\"")))}]",
            "probe.network-namespace=own", string.Create(CultureInfo.InvariantCulture, $"probe.ports=[{port}]"), "daemon.keep-privileges=true",
            $"journal.path={Path.Combine(own, "journal.db")}", $"journal.writer={name}",
            string.Create(CultureInfo.InvariantCulture, $"outputs.http.listen=127.0.0.1:{OutputPort}"),
            $"outputs.jsonl.path={Path.Combine(own, "correlations.jsonl")}", "outputs.jsonl.all=on",
            $"ingest.unix.path={Path.Combine(own, "requests.sock")}", "ingest.http.listen=off", "ingest.otlp-http.listen=off", "ingest.otlp-grpc.listen=off",
            .. settings,
        ];
        return new ClusterDemoHost(host, name, own, ["run", .. all.SelectMany(setting => new[] { "--set", setting })], through);
    }

    /// <summary>Starts another daemon with the same settings, as somebody does by mistake.</summary>
    /// <param name="onLine">Receives each line that it prints.</param>
    public LabProcess StartAnother(Action<string> onLine) => Start(onLine);

    /// <summary>Ends the daemon in order, where it has not ended yet, and starts it again, as a supervisor does.</summary>
    public async Task RestartAsync()
    {
        await _process.EndAsync(EndsWithin);
        _process = Start();
    }

    /// <summary>Waits until the daemon counts so many members that are up and that it reaches.</summary>
    /// <exception cref="LabException">It does not come to that.</exception>
    public async Task WaitForMembersAsync(int count, CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(Patience);
        while (await ReadAsync(limit.Token) is not { } reading
            || reading.Members.Count(member => member is { Status: "up", Reachable: true, Addresses.Count: > 0 }) != count || reading.Members.Count != count)
        {
            if (!_process.IsRunning)
                throw new LabException($"the daemon on {Name} has ended: {Printed}");
            if (limit.IsCancellationRequested)
            {
                cancellation.ThrowIfCancellationRequested();
                throw new LabException($"the daemon on {Name} did not come to {count} members in {Patience.TotalSeconds} s: {Printed}");
            }

            await Task.Delay(200, CancellationToken.None);
        }
    }

    /// <summary>How its part in the cluster is doing; null where it does not answer.</summary>
    public async Task<ClusterReading?> ReadAsync(CancellationToken cancellation)
    {
        try
        {
            return ClusterJson.Read(await _client.GetStringAsync(new Uri($"http://127.0.0.1:{OutputPort}/v1/cluster"), cancellation));
        }
        catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException or IOException)
        {
            return null;
        }
    }

    /// <summary>A page of its HTTP server.</summary>
    public Task<string> GetAsync(string path) => _client.GetStringAsync(new Uri($"http://127.0.0.1:{OutputPort}/{path}"));

    /// <summary>What it has told of so far.</summary>
    public IReadOnlyList<Correlation> Correlations()
    {
        var path = Path.Combine(Folder, "correlations.jsonl");
        if (!File.Exists(path))
            return [];
        // A copy: the daemon goes on writing, and its last line may not be whole yet.
        var copy = Path.Combine(Folder, "correlations.copy.jsonl");
        var text = File.ReadAllText(path);
        File.WriteAllText(copy, text[..(text.LastIndexOf('\n') + 1)]);
        using var reader = RecordReader<Correlation>.Open(copy, CorrelationJson.Kind);
        return [.. reader.ReadAll()];
    }

    /// <summary>Tells it to end, and waits for that.</summary>
    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _process.EndAsync(EndsWithin);
    }

    private LabProcess Start() => Start(line =>
    {
        lock (_lines)
        {
            _lines.Add(line);
            File.AppendAllLines(Path.Combine(Folder, "daemon.log"), [line]);
        }
    });

    private LabProcess Start(Action<string> onLine)
    {
        var (program, arguments) = OwnProgram.Of(_arguments);
        string[] words = [.. _through, program, .. arguments];
        return _host.Start(words[0], words[1..], onLine);
    }

    /// <summary>A connection from within the host.</summary>
    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellation)
    {
        var socket = _host.RunIn(() => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true });
        try
        {
            await socket.ConnectAsync(context.DnsEndPoint.Host, context.DnsEndPoint.Port, cancellation);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
