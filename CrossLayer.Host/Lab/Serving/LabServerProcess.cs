using System.IO.Pipelines;
using System.Net;
using System.Text.Json;
using System.Threading.Channels;
using CliWrap;

namespace CrossLayer.Host.Lab.Serving;

/// <summary>The lab's server, seen from the experiment: a process in the server's namespace that does as it is told.</summary>
internal sealed class LabServerProcess : ILabServer, IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly Pipe _orders = new();
    private readonly Channel<string> _lines = Channel.CreateUnbounded<string>();
    private readonly SemaphoreSlim _turn = new(1);
    private readonly LabProcess _process;

    private LabServerProcess(LabNamespace host, IPEndPoint at)
    {
        var (program, arguments) = OwnProgram.Of(Commands.LabServerCommand.Name, at.ToString());
        _process = host.Start(program, arguments, line => _lines.Writer.TryWrite(line), PipeSource.FromStream(_orders.Reader.AsStream()));
    }

    /// <inheritdoc/>
    public LabProcess Process => _process;

    /// <summary>Where it listens.</summary>
    public Uri Url { get; private set; } = null!;

    /// <summary>Starts it; it accepts connections when this returns.</summary>
    /// <exception cref="LabException">It does not start.</exception>
    public static async Task<LabServerProcess> StartAsync(LabNetwork network, int port, CancellationToken cancellation)
    {
        var server = new LabServerProcess(network.Server, new IPEndPoint(LabNetwork.ServerAddress, port));
        try
        {
            server.Url = new Uri((await server.AnswerAsync(cancellation)).Url ?? throw new LabException("the lab's server does not say where it listens"));
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc/>
    public async Task<long> MisbehavedAsync(CancellationToken cancellation) => (await OrderAsync(new LabServerOrder(), cancellation)).Misbehaved;

    /// <inheritdoc/>
    public Task BehaveAsync(ServerBehaviour behaviour, CancellationToken cancellation) => OrderAsync(new LabServerOrder { Behave = behaviour }, cancellation);

    /// <summary>Has it write its records to a file from now on.</summary>
    public Task RecordAsync(string path, CancellationToken cancellation) =>
        OrderAsync(new LabServerOrder { RecordTo = Path.GetFullPath(path) }, cancellation);

    /// <summary>Has it close its file of records.</summary>
    /// <returns>The ids of the requests that met a behaviour other than the ordinary.</returns>
    public async Task<IReadOnlyList<string>> EndRecordAsync(CancellationToken cancellation) =>
        (await OrderAsync(new LabServerOrder { EndRecord = true }, cancellation)).Touched;

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _orders.Writer.CompleteAsync();
        await _process.DisposeAsync();
        _turn.Dispose();
    }

    private async Task<LabServerAnswer> OrderAsync(LabServerOrder order, CancellationToken cancellation)
    {
        await _turn.WaitAsync(cancellation);
        try
        {
            // An order that was begun is seen to its end, that the next answer is not taken for this one's.
            await _orders.Writer.WriteAsync((byte[])[.. JsonSerializer.SerializeToUtf8Bytes(order, LabServerJson.Default.LabServerOrder), (byte)'\n'], CancellationToken.None);
            return await AnswerAsync(CancellationToken.None);
        }
        finally
        {
            _turn.Release();
        }
    }

    private async Task<LabServerAnswer> AnswerAsync(CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(Patience);
        var line = "";
        try
        {
            line = await _lines.Reader.ReadAsync(limit.Token);
            var answer = JsonSerializer.Deserialize(line, LabServerJson.Default.LabServerAnswer)!;
            return answer.Error is null ? answer : throw new LabException($"the lab's server: {answer.Error}");
        }
        catch (JsonException exception)
        {
            throw new LabException($"the lab's server says '{line}'", exception);
        }
        catch (OperationCanceledException exception) when (!cancellation.IsCancellationRequested)
        {
            throw new LabException($"the lab's server {(_process.IsRunning ? "does not answer" : "has ended")}", exception);
        }
    }
}
