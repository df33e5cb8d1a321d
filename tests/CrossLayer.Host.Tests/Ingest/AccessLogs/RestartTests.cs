namespace CrossLayer.Host.Tests.Ingest.AccessLogs;

public sealed class RestartTests : IDisposable
{
    private readonly FollowedLog _log = new();

    [Fact]
    public async Task A_restart_neither_repeats_nor_skips_lines()
    {
        await RunAsync(1, 2);
        _log.Write(3);
        await _log.StartAsync();
        await _log.UntilSeenAsync(1, 2, 3);
    }

    [Fact]
    public async Task A_line_that_was_cut_at_the_stop_is_read_whole_at_the_restart()
    {
        var line = FollowedLog.Line(2);
        await _log.StartAsync();
        _log.Write(FollowedLog.Line(1) + line[..9]);
        await _log.UntilSeenAsync(1);
        await _log.StopAsync();
        _log.Write(line[9..]);
        await _log.StartAsync();
        await _log.UntilSeenAsync(1, 2);
        Assert.Empty(_log.Intake.Rejected);
    }

    [Fact]
    public async Task A_log_that_was_rotated_in_between_is_read_to_its_end_first()
    {
        await RunAsync(1, 2);
        _log.Write(3);
        _log.RotateByRename("access.log.1");
        _log.Write(4);
        await _log.StartAsync();
        await _log.UntilSeenAsync(1, 2, 3, 4);
    }

    [Fact]
    public async Task Of_a_log_that_was_rotated_away_for_good_the_new_file_is_read_and_the_loss_is_told()
    {
        await RunAsync(1, 2);
        File.Delete(_log.Path);
        _log.Write(4, 5, 6); // perhaps with the old one's inode
        await _log.StartAsync();
        await _log.UntilAsync(() => _log.Seen.Count >= 5, () => Assert.Equal(["1", "2", "4", "5", "6"], _log.Seen));
        Assert.Contains(_log.Messages, message => message.Contains("is gone, or was emptied", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_log_that_was_emptied_in_between_is_read_from_its_start()
    {
        await RunAsync(1, 2);
        _log.RotateByCopy("access.log.1");
        _log.Write(3, 4, 5);
        await _log.StartAsync();
        await _log.UntilAsync(() => _log.Seen.Count >= 5, () => Assert.Equal(["1", "2", "3", "4", "5"], _log.Seen));
    }

    [Fact]
    public async Task Ended_at_once_while_the_pipeline_takes_nothing_no_line_is_skipped_at_the_restart()
    {
        var offers = 0;
        _log.Room = _ => Interlocked.Increment(ref offers) > 0 ? 0 : 0;
        await _log.StartAsync();
        _log.Write(1, 2, 3);
        await _log.UntilAsync(() => Volatile.Read(ref offers) > 0);
        await _log.StopAsync(atOnce: true);
        _log.Room = null;
        await _log.StartAsync();
        await _log.UntilSeenAsync(1, 2, 3);
    }

    [Fact]
    public async Task Ended_between_taking_a_batch_and_noting_it_only_that_batch_is_repeated()
    {
        await RunAsync(1, 2);
        var state = Assert.Single(Directory.GetFiles(_log.StateFolder));
        var before = await File.ReadAllBytesAsync(state);
        await RunAsync(1, 2, 3);
        // As if the program had been killed after the pipeline took the third line, and before its position was written.
        await File.WriteAllBytesAsync(state, before);
        await _log.StartAsync();
        await _log.UntilAsync(() => _log.Seen.Count >= 4, () => Assert.Equal(["1", "2", "3", "3"], _log.Seen));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("null")]
    [InlineData("""{"log":"x"}""")]
    public async Task A_state_that_cannot_be_read_is_told_and_the_log_is_followed_as_if_new(string content)
    {
        await RunAsync(1, 2);
        await File.WriteAllTextAsync(Assert.Single(Directory.GetFiles(_log.StateFolder)), content);
        await _log.StartAsync();
        await _log.UntilAsync(() => _log.Seen.Count >= 4, () => Assert.Equal(["1", "2", "1", "2"], _log.Seen));
    }

    [Fact]
    public async Task The_state_holds_nothing_of_the_log()
    {
        await RunAsync(1, 2);
        Assert.DoesNotContain("request", await File.ReadAllTextAsync(Assert.Single(Directory.GetFiles(_log.StateFolder))), StringComparison.Ordinal);
    }

    public void Dispose() => _log.Dispose();

    // Writes what is not written yet, and follows until all is seen.
    private async Task RunAsync(params int[] ids)
    {
        await _log.StartAsync();
        _log.Write([.. ids.Skip(_log.Seen.Count)]);
        await _log.UntilSeenAsync(ids);
        await _log.StopAsync();
    }
}
