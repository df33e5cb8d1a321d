using CrossLayer.Actors.Requests;
using CrossLayer.Host.Commands;
using CrossLayer.Host.Files;
using Microsoft.Extensions.Logging;

namespace CrossLayer.Host.Ingest.AccessLogs;

/// <summary>
/// Follows one log through its rotations. Its files are read one after the other, the oldest first; lines are taken as done once the
/// pipeline has taken their records. Where the pipeline is full, the log waits.
/// </summary>
internal sealed class AccessLogTail(
    AccessLogSource source, AccessLogSettings settings, RecordIntake intake, ILogger logger, TimeProvider time)
{
    /// <summary>Files of one log that are open at one time: the newest, and those rotated away that are not read to their end.</summary>
    public const int MaxFiles = 64;

    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(1);

    private readonly KeptPositions _positions = new(source.Path, settings.StateFolder, logger);
    private readonly RecordLine<RequestRecord> _lines = new(RecordKinds.KindOf(source.Format));
    private readonly List<(LogFile File, long GrewAt)> _files = [];
    private readonly List<RequestRecord> _records = [];
    private bool _isResumed;
    private bool _isNew = true;
    private bool _saidMalformed;
    private bool _isWaiting;
    private volatile string? _problem;

    /// <summary>What keeps the log from being followed, in one line; null where nothing does.</summary>
    public string? Problem => _problem;

    /// <summary>The log's path.</summary>
    public string Path => source.Path;

    /// <summary>Finds where to begin: what is written to the log from now on is read.</summary>
    public void Begin() => Look();

    /// <summary>Follows the log from where it <see cref="Begin">began</see>, until it is stopped; reads what is there by then, if the pipeline takes it.</summary>
    /// <param name="stopping">To end in good order.</param>
    /// <param name="abort">To end at once.</param>
    public async Task RunAsync(CancellationToken stopping, CancellationToken abort)
    {
        try
        {
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
            CloseAll();
        }
    }

    // Goes on with the files that were being read when the program ended; they may have been renamed since. False where that cannot
    // be seen yet: to go on with the newest alone would repeat it.
    private bool TryResume()
    {
        try
        {
            foreach (var position in _positions.Load())
            {
                _isNew = false;
                if (LogFinder.Find(source.Path, position, settings.MaxLineBytes) is { } file)
                    _files.Add((file, time.GetTimestamp()));
                else
                    logger.LogLost(source.Path, position.Offset);
            }

            return true;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            SetProblem(Unreadable(exception));
            CloseAll();
            return false;
        }
    }

    // Opens the file that the log's name leads to now, if it is another one than before.
    private void Look()
    {
        if (!_isResumed && !(_isResumed = TryResume()))
            return;
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
            SetProblem(Unreadable(exception));
        }
    }

    private static string Unreadable(Exception exception) =>
        $"cannot be read by the user {Environment.UserName}: {exception.Message.TrimEnd('.')}; the group that owns logs may (on Debian: adm)";

    // The oldest file first. Of later ones only what stood there before the older were read: what a program wrote to the older file, it
    // wrote before that. False where the log is to end before all is read.
    private async Task<bool> ReadAllAsync(CancellationToken stopping, CancellationToken abort)
    {
        long[] limits;
        try
        {
            limits = [.. _files.Select((open, i) => i == 0 ? long.MaxValue : open.File.Size)];
        }
        catch (IOException exception)
        {
            SetProblem(exception.Message);
            return true;
        }

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
                    case LogProgress.Replaced: logger.LogReplaced(source.Path); break;
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
            logger.LogMalformed(source.Path, offset, reason, RecordKinds.Names[source.Format].Value);
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
                logger.LogWaiting(source.Path);
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
            logger.LogNotTaken(exception, source.Path);
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

    private void CloseAll()
    {
        foreach (var (file, _) in _files)
            file.Dispose();
        _files.Clear();
    }

    private void Save() => _positions.Save([.. _files.Select(open => open.File.Committed)]);

    private void SetProblem(string? problem)
    {
        if (problem == _problem)
            return;
        if (problem is null)
            logger.LogFollowed(source.Path);
        else
            logger.LogProblem(source.Path, problem);
        _problem = problem;
    }
}
