using CrossLayer.Host.Ingest;

namespace CrossLayer.Host.Tests.Ingest.AccessLogs;

public sealed class AccessLogFollowerTests : IDisposable
{
    private readonly FollowedLog _log = new();

    [Fact]
    public async Task A_log_that_is_there_is_followed_from_its_end_unless_it_is_told_otherwise()
    {
        _log.FromStart = false;
        _log.Write(1, 2);
        await _log.StartAsync();
        _log.Write(3);
        await _log.UntilSeenAsync(3);
    }

    [Fact]
    public async Task From_its_start_it_gives_what_it_holds_and_what_comes()
    {
        _log.Write(1, 2);
        await _log.StartAsync();
        await _log.UntilSeenAsync(1, 2);
        _log.Write(3);
        await _log.UntilSeenAsync(1, 2, 3);
        Assert.Equal(3, _log.Intake.Accepted);
    }

    [Fact]
    public async Task A_log_that_does_not_exist_yet_is_waited_for_and_read_whole()
    {
        _log.FromStart = false;
        await _log.StartAsync();
        await _log.UntilAsync(() => _log.Follower.Logs[0].Problem == "does not exist yet");
        _log.Write(1, 2);
        await _log.UntilSeenAsync(1, 2);
        await _log.UntilAsync(() => _log.Follower.Logs[0].Problem is null);
        Assert.Single(_log.Messages, message => message.Contains("does not exist yet", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_line_is_waited_for_until_it_ends()
    {
        await _log.StartAsync();
        _log.Write(1);
        var line = FollowedLog.Line(2);
        _log.Write(line[..7]);
        await _log.UntilSeenAsync(1);
        _log.Write(line[7..^1]);
        _log.Write("\n" + FollowedLog.Line(3)[..^1]);
        await _log.UntilSeenAsync(1, 2);
        _log.Write("\r\n\n");
        await _log.UntilSeenAsync(1, 2, 3);
        Assert.Empty(_log.Intake.Rejected);
    }

    [Fact]
    public async Task A_line_that_is_too_long_is_counted_and_skipped_to_its_end()
    {
        _log.Settings = _log.Settings with { MaxLineBytes = 256 };
        await _log.StartAsync();
        _log.Write(1);
        _log.Write(new string('x', 300));
        await _log.UntilAsync(() => _log.Intake.Rejected.ContainsKey(Rejection.TooLarge));
        _log.Write(new string('y', 100_000) + "\n");
        _log.Write(2);
        _log.Write(new string('z', 257) + "\n" + FollowedLog.Line(3));
        await _log.UntilSeenAsync(1, 2, 3);
        Assert.Equal([new(Rejection.TooLarge, 2)], _log.Intake.Rejected);
    }

    [Fact]
    public async Task Malformed_lines_are_counted_and_the_first_is_told()
    {
        await _log.StartAsync();
        _log.Write(1);
        _log.Write("nothing of the kind\n{\"request_id\":2}\n[]\n{} {}\n\"\n");
        _log.Write(3);
        await _log.UntilSeenAsync(1, 3);
        Assert.Equal([new(Rejection.Malformed, 5)], _log.Intake.Rejected);
        var told = Assert.Single(_log.Messages, message => message.Contains("cannot use the line", StringComparison.Ordinal));
        Assert.Contains($"{_log.Path}: cannot use the line at byte {FollowedLog.Line(1).Length}: not JSON", told, StringComparison.Ordinal);
    }

    [Fact]
    public async Task After_a_rename_the_old_file_is_read_to_its_end_before_the_new()
    {
        await _log.StartAsync();
        _log.Write(1);
        await _log.UntilSeenAsync(1);
        _log.Write(2);
        _log.RotateByRename("access.log.1");
        // A worker that has not reopened its log yet.
        _log.Write(FollowedLog.Line(3), "access.log.1");
        await _log.UntilSeenAsync(1, 2, 3);
        _log.Write(4);
        await _log.UntilSeenAsync(1, 2, 3, 4);
        _log.Write(FollowedLog.Line(5), "access.log.1");
        await _log.UntilSeenAsync(1, 2, 3, 4, 5);
    }

    [Fact]
    public async Task A_log_that_is_copied_and_emptied_is_read_again_from_its_start()
    {
        await _log.StartAsync();
        _log.Write(1, 2, 3);
        await _log.UntilSeenAsync(1, 2, 3);
        _log.RotateByCopy("access.log.1");
        _log.Write(4);
        await _log.UntilSeenAsync(1, 2, 3, 4);
        // Longer than before at once: only its beginning tells.
        _log.RotateByCopy("access.log.2");
        _log.Write(5, 6, 7, 8, 9);
        await _log.UntilSeenAsync(1, 2, 3, 4, 5, 6, 7, 8, 9);
    }

    [Fact]
    public async Task When_the_pipeline_is_full_the_log_waits_and_nothing_is_skipped_though_it_is_rotated_twice_meanwhile()
    {
        var isFull = true;
        var offers = 0;
        _log.Room = count =>
        {
            Interlocked.Increment(ref offers);
            return Volatile.Read(ref isFull) ? 0 : count;
        };
        await _log.StartAsync();
        _log.Write(1, 2);
        await _log.UntilAsync(() => Volatile.Read(ref offers) > 0);
        foreach (var name in new[] { "access.log.2", "access.log.1" })
        {
            _log.Write(name == "access.log.2" ? 3 : 4);
            _log.RotateByRename(name);
            _log.Write(name == "access.log.2" ? [] : [5]);
            if (name == "access.log.2")
                _log.Write(""); // makes the new file
            var at = Volatile.Read(ref offers);
            await _log.UntilAsync(() => Volatile.Read(ref offers) > at + 2);
        }

        Assert.Empty(_log.Seen);
        Volatile.Write(ref isFull, false);
        await _log.UntilSeenAsync(1, 2, 3, 4, 5);
        Assert.Single(_log.Messages, message => message.Contains("the pipeline is full", StringComparison.Ordinal));
        Assert.Empty(_log.Intake.Rejected);
    }

    [Fact]
    public async Task What_is_no_file_is_told_and_tried_again()
    {
        Directory.CreateDirectory(_log.Path);
        await _log.StartAsync();
        await _log.UntilAsync(() => _log.Follower.Logs[0].Problem?.Contains("is no regular file", StringComparison.Ordinal) == true);
        Directory.Delete(_log.Path);
        _log.Write(1);
        await _log.UntilSeenAsync(1);
        Assert.Null(_log.Follower.Logs[0].Problem);
        Assert.Contains(_log.Messages, message => message.StartsWith("Warning", StringComparison.Ordinal) && message.Contains("adm", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_stands_in_a_log_when_it_stops_is_read_first()
    {
        await _log.StartAsync();
        _log.Write([.. Enumerable.Range(1, 5000)]);
        await _log.StopAsync();
        Assert.Equal(Enumerable.Range(1, 5000).Select(i => $"{i}"), _log.Seen);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Rotated_both_ways_at_random_each_line_comes_once_and_in_order(int seed)
    {
        var random = new Random(seed);
        var full = new Random(seed + 1000);
        _log.Room = count => full.Next(4) switch { 0 => 0, 1 => full.Next(count + 1), _ => count };
        await _log.StartAsync();
        _log.Write(1);
        await _log.UntilSeenAsync(1);
        var next = 2;
        for (var step = 0; step < 200; step++)
        {
            switch (random.Next(12))
            {
                case 0:
                    _log.RotateByRename($"access.log.{step}");
                    _log.Write(next++);
                    // Two renames between two looks at the log hide a file.
                    await _log.UntilSeenAsync([.. Enumerable.Range(1, next - 1)]);
                    break;
                case 1:
                    // What is emptied before it was read is gone.
                    await _log.UntilSeenAsync([.. Enumerable.Range(1, next - 1)]);
                    _log.RotateByCopy($"access.log.{step}");
                    break;
                case 2:
                    var line = FollowedLog.Line(next++);
                    var cut = random.Next(line.Length);
                    _log.Write(line[..cut]);
                    await Task.Yield();
                    _log.Write(line[cut..]);
                    break;
                default:
                    var count = random.Next(1, step % 50 == 0 ? 5000 : 20);
                    _log.Write([.. Enumerable.Range(next, count)]);
                    next += count;
                    break;
            }
        }

        await _log.UntilSeenAsync([.. Enumerable.Range(1, next - 1)]);
        await _log.StopAsync();
        Assert.Equal(Enumerable.Range(1, next - 1).Select(i => $"{i}"), _log.Seen);
        Assert.Empty(_log.Intake.Rejected);
    }

    public void Dispose() => _log.Dispose();
}
