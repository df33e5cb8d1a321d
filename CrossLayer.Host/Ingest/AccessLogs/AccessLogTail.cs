using System.Text.Json;
using CrossLayer.Actors.Requests;
using CrossLayer.Host.Commands;
using CrossLayer.Host.Files;
using Microsoft.Extensions.Logging;

namespace CrossLayer.Host.Ingest.AccessLogs;

/// <summary>
/// Follows one log through its rotations. Its files are read one after the other, the oldest first; lines are taken as done once the
/// pipeline has taken their records. Where the pipeline is full, the log waits.
/// </summary>
internal sealed partial class AccessLogTail(
    AccessLogSource source, AccessLogSettings settings, RecordIntake intake, ILogger logger, TimeProvider time)
{
    /// <summary>Files of one log that are open at one time: the newest, and those rotated away that are not read to their end.</summary>
    public const int MaxFiles = 64;

    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(1);

    private readonly PositionStore? _positions = settings.StateFolder is { } folder ? new PositionStore(folder, source.Path) : null;
    private readonly RecordLine<RequestRecord> _lines = new(RecordKinds.KindOf(source.Format));
    private readonly List<(LogFile File, long GrewAt)> _files = [];
    private readonly List<RequestRecord> _records = [];
    private bool _isNew = true;
    private bool _saidMalformed;
    private bool _saidUnsaved;
    private bool _isWaiting;
    private volatile string? _problem;

    /// <summary>What keeps the log from being followed, in one line; null where nothing does.</summary>
    public string? Problem => _problem;

    /// <summary>The log's path.</summary>
    public string Path => source.Path;

    /// <summary>Follows the log, until it is stopped; reads what is there by then, if the pipeline takes it.</summary>
    /// <param name="stopping">To end in good order.</param>
    /// <param name="abort">To end at once.</param>
    public async Task RunAsync(CancellationToken stopping, CancellationToken abort)
    {
        try
        {
            Resume();
            while (true)
            {
                var isLast = stopping.IsCancellationRequested;
                Look();
                if (!await ReadAllAsync(stopping, abort) || isLast)
                    return;
                Retire();
                await Task.Delay(settings.Poll, time, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
        finally
        {
            foreach (var (file, _) in _files)
                file.Dispose();
            _files.Clear();
        }
    }

    // Goes on with the files that were being read when the program ended; they may have been renamed since.
    private void Resume()
    {
        foreach (var position in LoadPositions())
        {
            _isNew = false;
            if (Find(position) is { } file)
                _files.Add((file, time.GetTimestamp()));
            else
                LogLost(source.Path, position.Offset);
        }
    }

    private IReadOnlyList<LogPosition> LoadPositions()
    {
        try
        {
            return _positions?.Load() ?? [];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or JsonException)
        {
            LogNoPositions(source.Path, _positions!.Path, exception.Message);
            return [];
        }
    }

    private LogFile? Find(LogPosition position)
    {
        var folder = System.IO.Path.GetDirectoryName(source.Path)!;
        try
        {
            foreach (var path in new[] { source.Path }.Concat(Directory.Exists(folder) ? Directory.EnumerateFiles(folder) : []))
            {
                if (!IsAt(path, position.Identity))
                    continue;
                var file = LogFile.Open(path, settings.MaxLineBytes, atEnd: false);
                if (file.TryResume(position))
                    return file;
                file.Dispose();
                return null;
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            SetProblem(exception.Message);
        }

        return null;
    }

    private static bool IsAt(string path, FileIdentity identity)
    {
        try
        {
            return FileIdentity.Of(path)?.Identity == identity;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false; // a socket, or not ours to see: not the file
        }
    }

    // Opens the file that the log's name leads to now, if it is another one than before.
    private void Look()
    {
        try
        {
            if (FileIdentity.Of(source.Path) is not { } found)
            {
                _isNew = false;
                SetProblem(_files.Count == 0 ? "does not exist yet" : null);
                return;
            }

            if (_files.Exists(open => open.File.Identity == found.Identity))
            {
                SetProblem(null);
                return;
            }

            if (_files.Count >= MaxFiles)
            {
                SetProblem($"was rotated {MaxFiles} times while the pipeline took nothing; files beyond are not read");
                return;
            }

            _files.Add((LogFile.Open(source.Path, settings.MaxLineBytes, atEnd: _isNew && !source.FromStart), time.GetTimestamp()));
            _isNew = false;
            SetProblem(null);
            Save();
        }
        catch (FileNotFoundException)
        {
            _isNew = false; // renamed in between: the next look finds what came in its place
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            SetProblem($"cannot be read by the user {Environment.UserName}: {exception.Message.TrimEnd('.')}; the group that owns logs may (on Debian: adm)");
        }
    }

    // The oldest file first. Of later ones only what stood there before the older were read: what a program wrote to the older file, it
    // wrote before that. False where the log is to end before all is read.
    private async Task<bool> ReadAllAsync(CancellationToken stopping, CancellationToken abort)
    {
        var limits = _files.Select((open, i) => i == 0 ? long.MaxValue : open.File.Size).ToArray();
        for (var i = 0; i < limits.Length; i++)
        {
            if (!await ReadAsync(i, limits[i], stopping, abort))
                return false;
        }

        return true;
    }

    private async Task<bool> ReadAsync(int index, long limit, CancellationToken stopping, CancellationToken abort)
    {
        var file = _files[index].File;
        while (true)
        {
            try
            {
                switch (file.Fill(limit))
                {
                    case LogProgress.AtEnd: return true;
                    case LogProgress.Replaced: LogReplaced(source.Path); break;
                    default: break;
                }
            }
            catch (IOException exception)
            {
                SetProblem(exception.Message);
                return true;
            }

            _files[index] = (file, time.GetTimestamp());
            if (Collect(file) && !await OfferAsync(stopping, abort))
                return false;
            if (file.Offset == file.Committed.Offset && file.IsSkipping == file.Committed.IsSkipping)
                continue;
            file.Commit();
            Save();
        }
    }

    // The records of all whole lines that were read; true where there are any.
    private bool Collect(LogFile file)
    {
        _records.Clear();
        while (true)
        {
            var from = file.Offset;
            switch (file.Take(out var line))
            {
                case LogLine.None: return _records.Count > 0;
                case LogLine.TooLong: intake.Reject(Rejection.TooLarge); break;
                case LogLine.Whole: Add(line, from); break;
                default: break;
            }
        }
    }

    private void Add(ReadOnlySpan<byte> line, long offset)
    {
        line = line.TrimEnd((byte)'\r');
        if (line.IsEmpty)
            return;
        try
        {
            _records.Add(_lines.Read(line));
        }
        catch (NoRequestException)
        {
            intake.Reject(Rejection.NoRequest);
        }
        catch (FieldException exception)
        {
            Malformed(offset, exception.Message);
        }
    }

    private void Malformed(long offset, string reason)
    {
        intake.Reject(Rejection.Malformed);
        if (!_saidMalformed)
            LogMalformed(source.Path, offset, reason, RecordKinds.Names[source.Format].Value);
        _saidMalformed = true;
    }

    // Until the pipeline has taken all; false where it did not, and the log is to end. Rotations are seen meanwhile.
    private async Task<bool> OfferAsync(CancellationToken stopping, CancellationToken abort)
    {
        IReadOnlyList<RequestRecord> rest = [.. _records];
        var pause = settings.Poll;
        while (true)
        {
            var accepted = await OfferOnceAsync(rest, abort);
            if (accepted == rest.Count)
            {
                _isWaiting = false;
                return true;
            }

            rest = [.. rest.Skip(accepted)];
            if (stopping.IsCancellationRequested)
                return false;
            if (!_isWaiting)
                LogWaiting(source.Path);
            _isWaiting = true;
            await Task.Delay(pause, time, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            pause = TimeSpan.FromTicks(Math.Min(pause.Ticks * 2, Math.Max(LongestPause.Ticks, settings.Poll.Ticks)));
            Look();
        }
    }

    private async Task<int> OfferOnceAsync(IReadOnlyList<RequestRecord> records, CancellationToken abort)
    {
        try
        {
            var offered = intake.OfferAsync(records, abort);
            while (await Task.WhenAny(offered, Task.Delay(settings.Poll, time, CancellationToken.None)) != offered)
                Look();
            return (await offered).Accepted;
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            // Such as no answer in time. It may have been taken all the same: better twice than not at all.
            LogNotTaken(exception, source.Path);
            return 0;
        }
    }

    // Closes files that were rotated away, and to which nothing was written for a while: a program's workers do not all change at once.
    private void Retire()
    {
        var count = _files.Count;
        for (var i = count - 2; i >= 0; i--)
        {
            if (time.GetElapsedTime(_files[i].GrewAt) < settings.Linger)
                continue;
            var file = _files[i].File;
            if (file.HasPartialLine && !file.IsSkipping)
                Malformed(file.Offset, "the file ends inside a line");
            file.Dispose();
            _files.RemoveAt(i);
        }

        if (_files.Count != count)
            Save();
    }

    private void Save()
    {
        try
        {
            _positions?.Save([.. _files.Select(open => open.File.Committed)]);
            _saidUnsaved = false;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            if (!_saidUnsaved)
                LogUnsaved(source.Path, _positions!.Path, exception.Message);
            _saidUnsaved = true;
        }
    }

    private void SetProblem(string? problem)
    {
        if (problem == _problem)
            return;
        if (problem is null)
            LogFollowed(source.Path);
        else
            LogProblem(source.Path, problem);
        _problem = problem;
    }

    [LoggerMessage(LogLevel.Warning, "access log {Path}: {Problem}; trying again")]
    private partial void LogProblem(string path, string problem);

    [LoggerMessage(LogLevel.Information, "access log {Path}: followed again")]
    private partial void LogFollowed(string path);

    [LoggerMessage(LogLevel.Information, "access log {Path}: was emptied (copytruncate); read again from its start")]
    private partial void LogReplaced(string path);

    [LoggerMessage(LogLevel.Warning, "access log {Path}: cannot use the line at byte {Offset}: {Reason}; expected lines in the format of config/{Format}/. Further ones are counted")]
    private partial void LogMalformed(string path, long offset, string reason, string format);

    [LoggerMessage(LogLevel.Warning, "access log {Path}: the pipeline is full; the log waits")]
    private partial void LogWaiting(string path);

    [LoggerMessage(LogLevel.Error, "access log {Path}: the pipeline did not answer; offering the lines again")]
    private partial void LogNotTaken(Exception exception, string path);

    [LoggerMessage(LogLevel.Warning, "access log {Path}: the file that was read up to byte {Offset} is gone, or was emptied, since this program ended; what was written to it after that is not read")]
    private partial void LogLost(string path, long offset);

    [LoggerMessage(LogLevel.Warning, "access log {Path}: cannot read where it was left, in {State}: {Reason}")]
    private partial void LogNoPositions(string path, string state, string reason);

    [LoggerMessage(LogLevel.Warning, "access log {Path}: cannot keep where it was left, in {State}: {Reason}; trying again")]
    private partial void LogUnsaved(string path, string state, string reason);
}
