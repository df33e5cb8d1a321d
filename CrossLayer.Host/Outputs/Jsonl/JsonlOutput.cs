using System.Threading.Channels;
using CrossLayer.Actors.Correlations;
using CrossLayer.Host.Files;
using Microsoft.Extensions.Logging;

namespace CrossLayer.Host.Outputs.Jsonl;

/// <summary>Writes correlations as JSON lines, in the form of correlations.json, from a bounded queue: a slow disk holds up nobody.</summary>
internal sealed class JsonlOutput : IAsyncDisposable
{
    private const string Name = "jsonl";

    private readonly JsonlSettings _settings;
    private readonly OutputTrouble _trouble;
    private readonly RotatedFile _file;
    private readonly Channel<Correlation> _waiting;
    private readonly Task _writing;
    private long _written;
    private long _dropped;
    private int _reopen;

    /// <summary>Starts to write.</summary>
    /// <param name="settings">Where and how; the path is not null.</param>
    /// <param name="logger">The log.</param>
    public JsonlOutput(JsonlSettings settings, ILogger logger)
    {
        ArgumentNullException.ThrowIfNull(settings);
        _trouble = new OutputTrouble(Name, logger);
        _settings = settings;
        _file = new RotatedFile(settings.Path ?? throw new ArgumentException("no path", nameof(settings)), settings.MaxBytes, settings.Keep);
        _waiting = Channel.CreateBounded<Correlation>(new BoundedChannelOptions(settings.MaxWaiting) { SingleReader = true });
        _writing = Task.Run(WriteAsync);
    }

    /// <summary>What became of what it was given.</summary>
    public OutputReading Reading => new(Name, Interlocked.Read(ref _written), Interlocked.Read(ref _dropped), 0, _waiting.Reader.Count);

    /// <summary>Why the last write failed, in one line; null where it went well.</summary>
    public string? Failure => _trouble.Failure;

    /// <summary>Takes correlations; waits for nobody.</summary>
    public void Publish(IReadOnlyList<Correlation> correlations)
    {
        ArgumentNullException.ThrowIfNull(correlations);
        foreach (var correlation in correlations)
        {
            if ((_settings.All || correlation.Finding.Verdict == Verdict.Discrepant) && !_waiting.Writer.TryWrite(correlation))
                Interlocked.Increment(ref _dropped);
        }
    }

    /// <summary>The file is opened by its name again, before the next line: for whoever rotates files by renaming them (SIGHUP).</summary>
    public void Reopen() => Volatile.Write(ref _reopen, 1);

    /// <summary>Writes what waits, and ends.</summary>
    public async ValueTask DisposeAsync()
    {
        _waiting.Writer.TryComplete();
        await _writing;
        _file.Dispose();
    }

    private async Task WriteAsync()
    {
        using var json = new JsonBytes();
        while (await _waiting.Reader.WaitToReadAsync())
        {
            var unflushed = 0;
            try
            {
                if (Interlocked.Exchange(ref _reopen, 0) == 1)
                    _file.Reopen();
                while (_waiting.Reader.TryRead(out var correlation))
                {
                    unflushed++;
                    json.Clear();
                    CorrelationJson.Kind.Write(json.Writer, correlation);
                    _file.Append(json.Written);
                    if (unflushed < 1000)
                        continue;
                    Flush(ref unflushed);
                }

                Flush(ref unflushed);
                _trouble.Worked();
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                Interlocked.Add(ref _dropped, unflushed);
                _trouble.Failed(exception.Message.ReplaceLineEndings(" "));
            }
        }
    }

    private void Flush(ref int unflushed)
    {
        _file.Flush();
        Interlocked.Add(ref _written, unflushed);
        unflushed = 0;
    }
}
