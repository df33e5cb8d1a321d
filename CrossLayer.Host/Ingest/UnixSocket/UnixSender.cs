using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;
using CrossLayer.Actors.Requests;
using CrossLayer.Host.Files;

namespace CrossLayer.Host.Ingest.UnixSocket;

/// <summary>
/// One connection of the Unix socket. A line that cannot be used is counted and answered with one line
/// (<c>{"error":"…"}</c>); the next ones are read on. A pipeline that is full holds the sender up, for a while.
/// </summary>
internal sealed class UnixSender(Socket socket, UnixIngestSettings settings, RecordIntake intake) : IDisposable
{
    /// <summary>What of one line without end is skipped, in longest lines; then the connection ends.</summary>
    public const int MostSkipped = 16;

    private const int MaxBatch = 1000;
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan RetryAfter = TimeSpan.FromMilliseconds(50);
    private const int Retries = 40;

    private readonly NetworkStream _stream = new(socket, ownsSocket: true);
    private readonly List<RequestRecord> _batch = [];
    private long _line;
    private long _skipped;

    /// <summary>Takes lines until the sender ends, or has been silent for too long.</summary>
    /// <param name="taken">Is told how many records the pipeline took.</param>
    public async Task ServeAsync(Action<int> taken, CancellationToken cancellation)
    {
        var reader = PipeReader.Create(_stream, new StreamPipeReaderOptions(leaveOpen: true));
        using var idle = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        idle.CancelAfter(settings.IdleTimeout);
        try
        {
            while (true)
            {
                var read = await reader.ReadAsync(idle.Token);
                var rest = read.Buffer;
                var lineBefore = _line;
                while (TryCut(ref rest, read.IsCompleted, out var line))
                    await TakeAsync(line, taken, cancellation);
                await OfferAsync(taken, cancellation);
                if (_line > lineBefore)
                    idle.CancelAfter(settings.IdleTimeout);
                if (rest.Length > (_skipped > 0 ? 0 : settings.MaxLineBytes) && !await SkipAsync(rest.Length, cancellation))
                    return;
                reader.AdvanceTo(_skipped > 0 ? read.Buffer.End : rest.Start, read.Buffer.End);
                if (read.IsCompleted)
                    return;
            }
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            intake.Reject(Rejection.TooSlow);
            await TellAsync($"no whole line for {settings.IdleTimeout.TotalSeconds:0} s", cancellation);
        }
        finally
        {
            await reader.CompleteAsync();
        }
    }

    /// <summary>Writes an error line.</summary>
    public async Task TellAsync(string error, CancellationToken cancellation)
    {
        using var json = new JsonBytes();
        json.Writer.WriteStartObject();
        json.Writer.WriteString("error", error);
        json.Writer.WriteEndObject();
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(AnswerTimeout); // who reads no answers is not waited for: the connection ends
        await _stream.WriteAsync((byte[])[.. json.Written, (byte)'\n'], patience.Token);
    }

    /// <inheritdoc/>
    public void Dispose() => _stream.Dispose();

    private static bool TryCut(ref ReadOnlySequence<byte> rest, bool isLast, out ReadOnlySequence<byte> line)
    {
        if (rest.PositionOf((byte)'\n') is { } end)
        {
            line = rest.Slice(0, end);
            rest = rest.Slice(rest.GetPosition(1, end));
            return true;
        }

        line = isLast ? rest : default;
        if (isLast)
            rest = rest.Slice(rest.End);
        return !line.IsEmpty;
    }

    private async Task TakeAsync(ReadOnlySequence<byte> line, Action<int> taken, CancellationToken cancellation)
    {
        _line++;
        if (_skipped > 0)
        {
            _skipped = 0; // the end of a line that is counted
            return;
        }

        if (line.Length > settings.MaxLineBytes)
        {
            await RefuseLongAsync(_line, cancellation);
            return;
        }

        var found = RecordParser.Parse(line.ToArray(), "socket", 1, _line);
        if (found is not { Rejected: 0 })
        {
            intake.Reject(Rejection.Malformed);
            await TellAsync(found?.FirstError ?? $"socket, line {_line}: more than one record; expected one on each line", cancellation);
            return;
        }

        _batch.AddRange(found.Records);
        if (_batch.Count >= MaxBatch)
            await OfferAsync(taken, cancellation);
    }

    // False: the line has no end within reason.
    private async Task<bool> SkipAsync(long bytes, CancellationToken cancellation)
    {
        if (_skipped == 0)
            await RefuseLongAsync(_line + 1, cancellation);
        _skipped += bytes;
        return _skipped <= (long)MostSkipped * settings.MaxLineBytes;
    }

    private Task RefuseLongAsync(long line, CancellationToken cancellation)
    {
        intake.Reject(Rejection.TooLarge);
        return TellAsync($"socket, line {line}: longer than {settings.MaxLineBytes} bytes", cancellation);
    }

    private async Task OfferAsync(Action<int> taken, CancellationToken cancellation)
    {
        for (var attempt = 0; _batch.Count > 0; attempt++)
        {
            var reported = await intake.OfferAsync(_batch, cancellation);
            taken(reported.Accepted);
            _batch.RemoveRange(0, reported.Accepted);
            if (_batch.Count == 0)
                return;
            if (attempt == Retries)
            {
                intake.Reject(Rejection.PipelineFull, _batch.Count);
                await TellAsync($"the pipeline is full; {_batch.Count} records up to line {_line} are lost", cancellation);
                _batch.Clear();
                return;
            }

            await Task.Delay(RetryAfter, cancellation);
        }
    }
}
