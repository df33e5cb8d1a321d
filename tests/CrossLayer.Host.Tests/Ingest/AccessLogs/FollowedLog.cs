using System.Collections.Concurrent;
using CrossLayer.Actors.Requests;
using CrossLayer.Host.Commands;
using CrossLayer.Host.Ingest;
using CrossLayer.Host.Ingest.AccessLogs;
using Microsoft.Extensions.Logging;

namespace CrossLayer.Host.Tests.Ingest.AccessLogs;

/// <summary>A log that is written, rotated and followed, and what came of it.</summary>
internal sealed class FollowedLog : IRecordSink, ILogger, IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    private readonly TemporaryFolder _folder = new();
    private readonly ConcurrentQueue<string> _seen = new();
    private readonly ConcurrentQueue<string> _messages = new();
    private AccessLogFollower? _follower;

    public FollowedLog() => Intake = new RecordIntake("access_log", this, TimeProvider.System);

    /// <summary>How many of the records that are offered are taken; null for all.</summary>
    public Func<int, int>? Room { get; set; }

    /// <summary>Called once records were taken.</summary>
    public Action<int>? OnTaken { get; set; }

    public AccessLogSettings Settings { get; set; } = new() { Poll = TimeSpan.FromMilliseconds(2), Linger = TimeSpan.FromSeconds(20) };

    public bool FromStart { get; set; } = true;

    public RecordIntake Intake { get; }

    public string Path => _folder.File("access.log");

    public string StateFolder => _folder.File("state");

    /// <summary>The ids of the records that the pipeline took, in order.</summary>
    public IReadOnlyList<string> Seen => [.. _seen];

    public IReadOnlyList<string> Messages => [.. _messages];

    public AccessLogFollower Follower => _follower!;

    public static string Line(object id) => $$"""{"request_id":"{{id}}","latency_ms":1,"result":"success"}""" + "\n";

    public async Task StartAsync()
    {
        _follower = new AccessLogFollower(
            Settings with { Logs = [new AccessLogSource(Path, RecordFormat.Json, FromStart)], StateFolder = StateFolder }, Intake, this, TimeProvider.System);
        await _follower.StartAsync();
    }

    /// <summary>Stops it; cancelled, at once, as when the program is killed.</summary>
    public async Task StopAsync(bool atOnce = false)
    {
        await _follower!.StopAsync(new CancellationToken(atOnce)).WaitAsync(Limit);
        await _follower.DisposeAsync();
        _follower = null;
    }

    /// <summary>Appends to the log.</summary>
    /// <param name="text">What; empty to make the file only.</param>
    /// <param name="name">The file's name now.</param>
    public void Write(string text, string name = "access.log") => File.AppendAllText(_folder.File(name), text);

    public void Write(params int[] ids) => Write(string.Concat(ids.Select(id => Line(id))));

    /// <summary>Renames the log; the next line goes into a new file.</summary>
    public void RotateByRename(string name) => File.Move(Path, _folder.File(name));

    /// <summary>Copies the log and empties it.</summary>
    public void RotateByCopy(string name)
    {
        File.Copy(Path, _folder.File(name));
        using var file = new FileStream(Path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
        file.SetLength(0);
    }

    public Task UntilSeenAsync(params int[] ids) => UntilAsync(() => Seen.Count >= ids.Length, () => Assert.Equal(ids.Select(id => $"{id}"), Seen));

    public async Task UntilAsync(Func<bool> holds, Action? check = null)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (!holds())
        {
            if (_follower is { Completion.IsFaulted: true })
                await _follower.Completion;
            Assert.True(TimeProvider.System.GetElapsedTime(start) < Limit, $"seen: {string.Join(' ', Seen.TakeLast(20))}\n{string.Join('\n', Messages)}");
            await Task.Delay(2);
        }

        check?.Invoke();
    }

    public Task<RequestsReported> OfferAsync(IReadOnlyList<RequestRecord> records, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        var taken = Math.Min(records.Count, Room?.Invoke(records.Count) ?? records.Count);
        foreach (var record in records.Take(taken))
            _seen.Enqueue(record.RequestId.Text);
        OnTaken?.Invoke(taken);
        return Task.FromResult(new RequestsReported(taken, records.Count - taken));
    }

    public void Dispose()
    {
        if (_follower is not null)
            StopAsync(atOnce: true).Wait(Limit);
        _folder.Dispose();
    }

    IDisposable? ILogger.BeginScope<TState>(TState state) => null;

    bool ILogger.IsEnabled(LogLevel logLevel) => true;

    void ILogger.Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        _messages.Enqueue($"{logLevel}: {formatter(state, exception)}");
}
