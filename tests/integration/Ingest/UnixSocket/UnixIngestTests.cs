using System.Net.Sockets;
using System.Runtime.Versioning;
using System.Text;
using Akka.Configuration;
using CrossLayer.Actors.Configuration;
using CrossLayer.Host.Ingest;
using CrossLayer.Host.Ingest.UnixSocket;

namespace CrossLayer.Integration.Tests.Ingest.UnixSocket;

public sealed class UnixIngestTests : IDisposable
{
    private const string Good = """{"request_id":"a","latency_ms":1,"result":"success","route":"/a?b=c"}""";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("crosslayer-unix-");
    private readonly CollectingSink _sink = new();
    private readonly RecordIntake _intake;

    public UnixIngestTests() => _intake = new RecordIntake(UnixIngest.Source, _sink, TimeProvider.System);

    [Fact, SupportedOSPlatform("linux")]
    public async Task Takes_lines_and_counts_them_by_user()
    {
        await using var ingest = await StartAsync();
        using var socket = await ConnectAsync();

        await SendAsync(socket, $"{Good}\n\n{Good}\r\n{Good[..20]}");
        await _sink.WaitForAsync(2);
        await SendAsync(socket, $"{Good[20..]}\n{Good}");
        socket.Shutdown(SocketShutdown.Send);

        var records = await _sink.WaitForAsync(4);
        Assert.All(records, record => Assert.Equal("/a", record.Route));
        Assert.Equal("", await ReadToEndAsync(socket));
        var (uid, count) = Assert.Single(ingest.AcceptedByUid);
        Assert.Equal((PeerCredentials.Of(socket).Uid, 4L), (uid, count));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite, File.GetUnixFileMode(SocketPath));
    }

    [Fact]
    public async Task Bad_and_overlong_lines_are_answered_and_the_next_are_read()
    {
        await using var ingest = await StartAsync(settings => settings with { MaxLineBytes = 200 });
        using var socket = await ConnectAsync();

        await SendAsync(socket, $"no json\n{Good}\n{new string('x', 500)}\n{Good}\n{Good}{Good}\n{Good[..^1]},\"latency_ms\":-1}}\n{Good}\n");
        socket.Shutdown(SocketShutdown.Send);

        var answers = (await ReadToEndAsync(socket)).TrimEnd('\n').Split('\n');
        Assert.Equal(3, (await _sink.WaitForAsync(3)).Count);
        Assert.Collection(answers,
            answer => Assert.StartsWith("""{"error":"socket, line 1: not JSON""", answer, StringComparison.Ordinal),
            answer => Assert.Equal("""{"error":"socket, line 3: longer than 200 bytes"}""", answer),
            answer => Assert.Contains("line 5: ", answer, StringComparison.Ordinal),
            answer => Assert.Contains("line 6: latency_ms is -1;", answer, StringComparison.Ordinal));
        Assert.Equal((1L, 3L), (_intake.Rejected[Rejection.TooLarge], _intake.Rejected[Rejection.Malformed]));
    }

    [Fact]
    public async Task A_line_without_end_ends_the_connection()
    {
        await using var ingest = await StartAsync(settings => settings with { MaxLineBytes = 100 });
        using var socket = await ConnectAsync();
        var sending = Task.Run(async () =>
        {
            try
            {
                for (var i = 0; i < 10_000; i++)
                    await SendAsync(socket, new string('x', 100));
                return false;
            }
            catch (SocketException)
            {
                return true;
            }
        });

        Assert.True(await sending.WaitAsync(TimeSpan.FromSeconds(30)));
        Assert.Equal(1, _intake.Rejected[Rejection.TooLarge]);
    }

    [Fact]
    public async Task A_silent_connection_is_ended()
    {
        await using var ingest = await StartAsync(settings => settings with { IdleTimeout = TimeSpan.FromMilliseconds(200) });
        using var socket = await ConnectAsync();
        await SendAsync(socket, "{");

        Assert.Contains("no whole line for", await ReadToEndAsync(socket), StringComparison.Ordinal);
        Assert.Equal(1, _intake.Rejected[Rejection.TooSlow]);
    }

    [Fact]
    public async Task Other_users_and_too_many_connections_are_turned_away()
    {
        await using (await StartAsync(settings => settings with { AllowedUids = new HashSet<uint> { 4_000_000_000 } }))
        {
            using var socket = await ConnectAsync();
            Assert.Contains("may not send here", await ReadToEndAsync(socket), StringComparison.Ordinal);
            Assert.Equal(1, _intake.Rejected[Rejection.Unauthorized]);
        }

        await using var ingest = await StartAsync(settings => settings with { MaxConnections = 1 });
        using var first = await ConnectAsync();
        await SendAsync(first, Good + "\n");
        await _sink.WaitForAsync(1);
        using var second = await ConnectAsync();
        Assert.Equal("", await ReadToEndAsync(second));
        Assert.Equal(1, _intake.Rejected[Rejection.TooManySenders]);
    }

    [Fact]
    public async Task A_full_pipeline_is_waited_for()
    {
        _sink.Capacity = 0;
        await using var ingest = await StartAsync();
        using var socket = await ConnectAsync();

        await SendAsync(socket, Good + "\n");
        socket.Shutdown(SocketShutdown.Send);

        Assert.Contains("the pipeline is full; 1 records up to line 1 are lost", await ReadToEndAsync(socket), StringComparison.Ordinal);
        Assert.Equal(1, _intake.Rejected[Rejection.PipelineFull]);
    }

    [Fact]
    public async Task A_socket_left_behind_is_replaced_and_one_in_use_is_not()
    {
        using (var left = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            left.Bind(new UnixDomainSocketEndPoint(SocketPath + ".old"));
            File.Move(SocketPath + ".old", SocketPath); // closing it removes what it was bound to
        }

        Assert.True(File.Exists(SocketPath));

        await using (await StartAsync())
        {
            var inUse = await Assert.ThrowsAsync<ConfigurationException>(() => StartAsync());
            Assert.Equal($"crosslayer.ingest.unix.path = {SocketPath}: another process listens there; stop it, or choose another path", inUse.Message);
        }

        Assert.False(File.Exists(SocketPath));
        await File.WriteAllTextAsync(SocketPath, "precious");
        Assert.Contains("something else than a socket is there", (await Assert.ThrowsAsync<ConfigurationException>(() => StartAsync())).Message, StringComparison.Ordinal);
        Assert.Equal("precious", await File.ReadAllTextAsync(SocketPath));
        var nowhere = new UnixIngest(new UnixIngestSettings { Path = Path.Combine(SocketPath, "x") }, _intake);
        await Assert.ThrowsAsync<ConfigurationException>(() => nowhere.StartAsync(default));
    }

    [Fact]
    public void The_configuration_and_the_program_have_the_same_defaults()
    {
        var settings = UnixIngestSettings.From(DefaultConfiguration.Load());

        Assert.Equal(new UnixIngestSettings { AllowedUids = settings.AllowedUids }, settings);
        Assert.Empty(settings.AllowedUids);
        var config = ConfigurationFactory.ParseString("crosslayer.ingest.unix { allowed-uids = [33, root] }").WithFallback(DefaultConfiguration.Load());
        Assert.Contains("allowed-uids = root", Assert.Throws<ConfigurationException>(() => UnixIngestSettings.From(config)).Message, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private string SocketPath => Path.Combine(_folder.FullName, "s");

    private async Task<UnixIngest> StartAsync(Func<UnixIngestSettings, UnixIngestSettings>? change = null)
    {
        var settings = new UnixIngestSettings { Path = SocketPath };
        var ingest = new UnixIngest(change?.Invoke(settings) ?? settings, _intake);
        await ingest.StartAsync(default);
        return ingest;
    }

    private async Task<Socket> ConnectAsync()
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(SocketPath));
        return socket;
    }

    private static async Task SendAsync(Socket socket, string text) => await socket.SendAsync(Encoding.UTF8.GetBytes(text));

    private static async Task<string> ReadToEndAsync(Socket socket)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        var text = new StringBuilder();
        var buffer = new byte[4096];
        while (await socket.ReceiveAsync(buffer, patience.Token) is > 0 and var count)
            text.Append(Encoding.UTF8.GetString(buffer, 0, count));
        return text.ToString();
    }
}
