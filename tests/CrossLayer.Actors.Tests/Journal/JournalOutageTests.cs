using System.Diagnostics;
using Akka.Actor;
using Akka.Configuration;
using Akka.Event;
using CrossLayer.Actors.Correlations;
using CrossLayer.Actors.Graph;
using CrossLayer.Actors.Journal;

namespace CrossLayer.Actors.Tests.Journal;

/// <summary>Whatever befalls the database: each batch is in the journal once, in order, and its sender was told so.</summary>
public sealed class JournalOutageTests : JournalTest, IClassFixture<PostgresServer>
{
    private readonly PostgresServer _server; // of this class alone: it is stopped here

    public JournalOutageTests(PostgresServer server)
        : base(server)
    {
        _server = server;
        Settings = Settings with
        {
            BusyTimeout = TimeSpan.FromSeconds(1),
            RestartAfter = TimeSpan.FromMilliseconds(50),
            RestartAfterAtMost = TimeSpan.FromMilliseconds(200),
            GiveUpAfter = TimeSpan.FromMilliseconds(500),
        };
    }

    [Theory]
    [OnSqlite]
    [OnPostgres]
    public async Task Batches_wait_while_another_program_holds_the_journal_locked_and_are_written_once_in_order(JournalProvider provider)
    {
        Use(provider);
        var journal = StartJournal();
        await Append(journal, Samples.Discrepant(1));
        Task[] waiting;
        using (LockJournal())
        {
            waiting = [.. Batches(2, 41).Select(batch => Append(journal, batch))];
            await UntilUnavailable(journal, attempts: 2);
            Assert.All(waiting, one => Assert.False(one.IsCompleted));
        }

        await Task.WhenAll(waiting);
        await AssertHolds(journal, 41);
    }

    [Fact]
    public async Task An_outage_is_logged_once_and_so_is_its_end()
    {
        var system = Start();
        using var log = new WarningLog(system, nameof(DiscrepancyJournalSupervisor));
        var journal = system.StartJournal(Settings);
        await Append(journal, Samples.Discrepant(1));
        Task waiting;
        using (LockJournal())
        {
            waiting = Append(journal, Samples.Discrepant(2), Samples.Discrepant(3));
            var status = await UntilUnavailable(journal, attempts: 3);
            Assert.Equal((1, 2, 1L), (status.WaitingBatches, status.WaitingEvents, status.Written));
            Assert.Contains("database is locked", status.Outage!.Reason);
            Assert.InRange(DateTimeOffset.UtcNow - status.Outage.Since, TimeSpan.Zero, TimeSpan.FromMinutes(1));
        }

        await waiting;
        Assert.Null((await Status(journal)).Outage);
        await Eventually(() => log.Lines.Count >= 2);
        Assert.Collection(
            log.Lines,
            line => Assert.Matches("is unavailable: .*database is locked'?\\. 2 events wait", line),
            line => Assert.Contains("is available again after", line));
    }

    [PrivilegedFact]
    public async Task A_full_disk_holds_the_batches_up_until_there_is_space_again()
    {
        using var disk = new SmallDisk(Path.Combine(Folder, "disk"));
        Settings = Settings with { Path = Path.Combine(disk.Folder, "journal.db") };
        var journal = StartJournal();
        await Append(journal, Samples.Discrepant(1));
        disk.Fill();
        var waiting = Batches(2, 600).Select(batch => Append(journal, batch)).ToArray();
        var status = await UntilUnavailable(journal, attempts: 2);
        Assert.Contains("disk is full", status.Outage!.Reason);
        Assert.False(waiting[^1].IsCompleted);

        disk.Free();
        await Task.WhenAll(waiting);
        await AssertHolds(journal, 600);
        await Stop();
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
    }

    [PrivilegedFact]
    public void An_error_of_the_disk_where_no_space_is_left_is_called_a_full_disk()
    {
        using var disk = new SmallDisk(Path.Combine(Folder, "disk"));
        var database = JournalDatabase.Of(Settings with { Path = Path.Combine(disk.Folder, "journal.db") });
        var failure = new Microsoft.Data.Sqlite.SqliteException("SQLite Error 10: 'disk I/O error'.", 10);
        Assert.DoesNotContain("disk is full", database.Reason(failure), StringComparison.Ordinal);

        disk.Fill();

        Assert.Contains("disk is full", database.Reason(failure), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task A_batch_that_was_written_while_its_answer_was_lost_is_not_written_again(int every)
    {
        var writes = new LosesAnswers.StrongCount();
        var writer = Settings.Writer;
        // Every 1: each first attempt's answer is lost; the batch is found on the disk, and the next one is sent.
        var props = Props.Create(() => new LosesAnswers(writer, number => number % every == 0, writes));
        var journal = Start().ActorOf(DiscrepancyJournalSupervisor.Props(Settings, props));
        foreach (var batch in Batches(1, 20))
            Assert.Equal(batch.Length, (await Append(journal, batch)).Written);

        var status = await Status(journal);
        Assert.Equal(writes.Value / every, status.FoundWritten);
        Assert.Equal(0, status.Retries);
        await AssertHolds(journal, 20);
    }

    [Theory]
    [OnSqlite]
    [OnPostgres]
    public async Task A_write_that_reaches_the_disk_after_it_was_sent_again_is_there_once(JournalProvider provider)
    {
        Use(provider);
        var writes = new LosesAnswers.StrongCount();
        var writer = Settings.Writer;
        var props = Props.Create(() => new WritesLate(writer, writes));
        var journal = Start().ActorOf(DiscrepancyJournalSupervisor.Props(Settings, props));
        foreach (var batch in Batches(1, 9))
            await Append(journal, batch);

        var status = await Status(journal);
        Assert.Equal((1L, 1L), (status.Retries, status.FoundWritten));
        await AssertHolds(journal, 9);
    }

    // The sender's patience ends long before the database's.
    [Theory]
    [OnSqlite]
    [OnPostgres]
    public async Task A_write_that_gets_no_answer_in_time_is_there_once(JournalProvider provider)
    {
        Use(provider);
        Settings = Settings with { BusyTimeout = TimeSpan.FromSeconds(30) };
        var impatient = ConfigurationFactory.ParseString("akka.persistence.journal.sql.circuit-breaker.call-timeout = 300ms");
        var journal = Start(impatient).StartJournal(Settings);
        await Append(journal, Samples.Discrepant(1));
        Task[] waiting;
        using (LockJournal())
        {
            waiting = [.. Batches(2, 20).Select(batch => Append(journal, batch))];
            await UntilUnavailable(journal, attempts: 3);
        }

        await Task.WhenAll(waiting);
        var status = await Status(journal);
        Assert.NotEqual(0, status.Retries + status.FoundWritten);
        await AssertHolds(journal, 20);
    }

    [Theory]
    [OnPostgres]
    public async Task A_server_that_is_stopped_again_and_again_while_it_is_written_to_holds_each_batch_once(JournalProvider provider)
    {
        Use(provider);
        var system = Start();
        using var log = new WarningLog(system, source: null);
        var journal = system.StartJournal(Settings);
        var batches = Batches(1, 3_000).ToArray();
        var acknowledged = 0;
        var writing = Task.Run(async () =>
        {
            foreach (var batch in batches)
                acknowledged += (await journal.Ask<DiscrepancyJournal.Appended>(new DiscrepancyJournal.Append(batch), TimeSpan.FromMinutes(2))).Written;
        });
        for (var stop = 1; stop <= 5; stop++)
        {
            var until = acknowledged + 30 * stop;
            await Eventually(() => acknowledged >= until);
            _server.Stop();
            await UntilUnavailable(journal, attempts: 1);
            _server.Start();
        }

        await writing;
        Assert.Equal(3_000, acknowledged);
        await AssertHolds(journal, 3_000);
        Assert.DoesNotContain(log.Lines, line => line.Contains("42", StringComparison.Ordinal) && line.Contains("geh", StringComparison.Ordinal));
    }

    [Theory]
    [OnSqlite]
    [OnPostgres]
    public async Task Two_programs_under_one_name_lose_nothing_and_are_told(JournalProvider provider)
    {
        Use(provider);
        var one = StartJournal();
        var system = Start();
        using var log = new WarningLog(system, nameof(DiscrepancyJournalSupervisor));
        var other = system.StartJournal(Settings);
        for (var id = 1; id <= 10; id++)
            await Append(id % 2 == 0 ? one : other, Samples.Discrepant(id));

        Assert.Equal(Enumerable.Range(1, 10).Select(id => $"{id}"), (await QueryAfterRestart()).Select(found => found.Correlation.RequestId.Text));
        Assert.Contains(log.Lines, line => line.Contains("crosslayer.journal.writer", StringComparison.Ordinal));
    }

    [Theory]
    [OnSqlite]
    [OnPostgres]
    public async Task Stopping_without_the_journal_ends_within_its_bound_and_says_what_was_not_written(JournalProvider provider)
    {
        Use(provider);
        var journal = StartJournal();
        var stage = new JournalStage(journal);
        await Append(journal, Samples.Discrepant(1));
        using (LockJournal())
        {
            var first = stage.WriteAsync(Batch(2, 3));
            await UntilUnavailable(journal, attempts: 1);
            var clock = Stopwatch.StartNew();
            journal.Tell(new DiscrepancyJournal.Finish());
            Assert.False((await first).Written);
            Assert.False((await stage.WriteAsync(Batch(4))).Written);
            Assert.InRange(clock.Elapsed, TimeSpan.FromMilliseconds(400), TimeSpan.FromSeconds(10));
        }

        var failure = await Assert.ThrowsAsync<JournalUnavailableException>(() => stage.CompleteAsync(Task.CompletedTask));
        Assert.StartsWith("3 discrepancies were not written: ", failure.Message);
        Assert.Contains("given up while stopping", failure.Message);
        Assert.DoesNotContain('\n', failure.Message);
        Assert.Equal(3, (await Status(journal)).NotWritten);
    }

    [Theory]
    [OnSqlite]
    [OnPostgres]
    public async Task Stopping_with_the_journal_there_gives_nothing_up(JournalProvider provider)
    {
        Use(provider);
        Settings = Settings with { GiveUpAfter = TimeSpan.FromSeconds(1) };
        var journal = StartJournal();
        await Append(journal, Samples.Discrepant(1));
        journal.Tell(new DiscrepancyJournal.Finish());
        var clock = Stopwatch.StartNew();
        for (var id = 2; clock.ElapsedMilliseconds < 1_500; id++)
            Assert.Equal(1, (await Append(journal, Samples.Discrepant(id))).Written);
        Assert.Equal(0, (await Status(journal)).NotWritten);
    }

    private static CorrelationBatch Batch(params int[] ids) => new([.. ids.Select(id => Samples.Discrepant(id))], 0, default);

    // In batches of one to four.
    private static IEnumerable<Correlation[]> Batches(int from, int to)
    {
        for (var (id, count) = (from, 1); id <= to; id += count, count = id % 4 + 1)
            yield return [.. Enumerable.Range(id, Math.Min(count, to - id + 1)).Select(i => Samples.Discrepant(i))];
    }

    private static Task<JournalStatus> Status(IActorRef journal) => journal.Ask<JournalStatus>(new GetJournalStatus(), Patience);

    private static async Task<JournalStatus> UntilUnavailable(IActorRef journal, int attempts)
    {
        JournalStatus? status = null;
        await Eventually(async () => (status = await Status(journal)).Outage?.Attempts >= attempts);
        return status!;
    }

    private async Task AssertHolds(IActorRef journal, int last)
    {
        var status = await Status(journal);
        Assert.Equal((0, 0L, (long)last), (status.WaitingBatches, status.NotWritten, status.Written));
        Assert.Equal(Enumerable.Range(1, last).Select(id => $"{id}"), (await QueryAfterRestart()).Select(one => one.Correlation.RequestId.Text));
    }

    private WriteLock LockJournal() => new(Settings);

    /// <summary>What another program does that holds the journal's write lock; reading goes on.</summary>
    private sealed class WriteLock : IDisposable
    {
        private readonly System.Data.Common.DbConnection _connection;

        public WriteLock(JournalSettings settings)
        {
            _connection = JournalDatabase.Of(settings).Connect(forReading: false);
            _connection.Open();
            if (settings.Provider == JournalProvider.Sqlite)
                Execute("BEGIN IMMEDIATE");
            else
                Execute("BEGIN; LOCK TABLE journal IN EXCLUSIVE MODE");
        }

        public void Dispose()
        {
            Execute("ROLLBACK");
            _connection.Dispose();
        }

        private void Execute(string sql)
        {
            using var command = _connection.CreateCommand();
#pragma warning disable CA2100 // the statements are those above
            command.CommandText = sql;
#pragma warning restore CA2100
            command.ExecuteNonQuery();
        }
    }

    /// <summary>The warnings and errors that come from a class, or from all.</summary>
    private sealed class WarningLog : IDisposable
    {
        private readonly ActorSystem _system;
        private readonly IActorRef _listener;
        private readonly List<string> _lines = [];

        public WarningLog(ActorSystem system, string? source)
        {
            _system = system;
            _listener = system.ActorOf(Props.Create(() => new Listener(source, _lines)));
            system.EventStream.Subscribe(_listener, typeof(Warning));
            system.EventStream.Subscribe(_listener, typeof(Error));
        }

        public IReadOnlyList<string> Lines
        {
            get
            {
                lock (_lines)
                    return [.. _lines];
            }
        }

        public void Dispose() => _system.Stop(_listener);

        private sealed class Listener : ReceiveActor
        {
            public Listener(string? source, List<string> lines) => Receive<LogEvent>(log =>
            {
                if (source is not null && log.LogClass.Name != source)
                    return;
                lock (lines)
                    lines.Add($"{log.Message} {log.Cause}".Trim());
            });
        }
    }
}
