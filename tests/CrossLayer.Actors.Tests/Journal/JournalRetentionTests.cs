using Akka.Actor;
using CrossLayer.Actors.Journal;

namespace CrossLayer.Actors.Tests.Journal;

[Collection(PostgresCollection.Name)]
public sealed class JournalRetentionTests(PostgresServer server) : JournalTest(server)
{
    private static readonly DateTimeOffset InAMonth = DateTimeOffset.UtcNow.AddDays(31);

    [Theory]
    [OnSqlite]
    [OnPostgres]
    public async Task What_is_too_old_is_deleted_and_nothing_newer(JournalProvider provider)
    {
        Use(provider);
        var journal = StartJournal();
        await Append(journal, [.. Enumerable.Range(1, 2_500).Select(id => Samples.Discrepant(id))]);
        Sql<object?>($"UPDATE journal SET created = created - {TimeSpan.FromDays(31).Ticks} WHERE sequence_number <= 2100");
        await Append(journal, Samples.Discrepant(2_501));

        Assert.Equal(2_100, await Trim(DateTimeOffset.UtcNow));
        Assert.Equal(Enumerable.Range(2_101, 401).Select(id => $"{id}"), (await Query()).Select(one => one.Correlation.RequestId.Text));
        Assert.Equal(0, await Trim(DateTimeOffset.UtcNow));
    }

    [Theory]
    [OnSqlite]
    [OnPostgres]
    public async Task The_oldest_go_until_the_rest_is_small_enough(JournalProvider provider)
    {
        Use(provider);
        Settings = Settings with { KeepFor = null, KeepAtMost = 1024 * 1024 };
        await Append(StartJournal(), [.. Enumerable.Range(1, 5_000).Select(id => Samples.Discrepant(id))]);
        var deleted = await Trim(DateTimeOffset.UtcNow);

        var stored = await Query();
        Assert.InRange(deleted, 1, 4_999);
        Assert.Equal(Enumerable.Range((int)deleted + 1, 5_000 - (int)deleted).Select(id => $"{id}"), stored.Select(one => one.Correlation.RequestId.Text));
        var size = Sql<long>("SELECT sum(length(message) + 250) FROM journal");
        Assert.InRange(size, 1024 * 1024 * 9 / 10, 1024 * 1024);
        Assert.Equal(0, await Trim(DateTimeOffset.UtcNow));
    }

    [Theory]
    [OnSqlite]
    [OnPostgres]
    public async Task Numbers_go_on_when_all_is_gone_and_after_a_restart(JournalProvider provider)
    {
        Use(provider);
        await Append(StartJournal(), Samples.Discrepant(1), Samples.Discrepant(2), Samples.Discrepant(3));
        Assert.Equal(3, await Trim(InAMonth));
        Assert.Empty(await QueryAfterRestart());
        Assert.Equal(1, Sql<int>("SELECT count(*) FROM journal"));
        Assert.Equal(0, Sql<int>("SELECT length(message) FROM journal"));

        await Stop();
        await Append(StartJournal(), Samples.Discrepant(4));
        Assert.Equal(4, (await QueryAfterRestart()).Single().SequenceNr);
        Assert.Equal(1, await Trim(InAMonth));
        Assert.Equal(1, Sql<int>("SELECT count(*) FROM journal")); // the marker of before is gone
        await Stop();
        await Append(StartJournal(), Samples.Discrepant(5));
        Assert.Equal(5, (await QueryAfterRestart()).Single().SequenceNr);
    }

    [Fact]
    public async Task Off_keeps_all()
    {
        Settings = Settings with { KeepFor = null, KeepAtMost = null };
        await Append(StartJournal(), Samples.Discrepant(1));
        Assert.Equal(0, await Trim(InAMonth));
        Assert.Single(await Query());
    }

    [Fact]
    public async Task Recordings_are_left_alone()
    {
        await Append(StartJournal(), Samples.Discrepant(1), Samples.Discrepant(2));
        Sql<object?>("UPDATE journal SET tags = ';recording;' WHERE sequence_number = 1");
        Assert.Equal(1, await Trim(InAMonth));
        Assert.Equal(1, Sql<int>("SELECT count(*) FROM journal WHERE NOT deleted AND tags = ';recording;'"));
    }

    [Fact]
    public async Task The_files_space_is_given_back()
    {
        await Append(StartJournal(), [.. Enumerable.Range(1, 5_000).Select(id => Samples.Discrepant(id))]);
        Sql<object?>("PRAGMA wal_checkpoint(TRUNCATE)");
        var before = new FileInfo(Settings.FullPath).Length;
        await Trim(InAMonth);
        Sql<object?>("PRAGMA wal_checkpoint(TRUNCATE)");
        Assert.InRange(new FileInfo(Settings.FullPath).Length, 1, before / 5);
    }

    [Theory]
    [OnSqlite]
    [OnPostgres]
    public async Task It_runs_by_itself_beside_a_writer_and_counts(JournalProvider provider)
    {
        Use(provider);
        Settings = Settings with { KeepFor = null, KeepAtMost = 1024 * 1024, TrimEvery = TimeSpan.FromMilliseconds(50) };
        var system = Start();
        var journal = system.StartJournal(Settings);
        var retention = system.StartJournalRetention(Settings);
        for (var batch = 0; batch < 40; batch++)
            Assert.Equal(200, (await Append(journal, [.. Enumerable.Range(batch * 200 + 1, 200).Select(id => Samples.Discrepant(id))])).Written);

        var status = new RetentionStatus(0, 0, null);
        await Eventually(async () => (status = await retention.Ask<RetentionStatus>(new GetRetentionStatus(), Patience)).Deleted + (await Query()).Count == 8_000
            && Sql<long>("SELECT sum(length(message) + 250) FROM journal") <= 1024 * 1024);
        Assert.Null(status.Failure);
        var stored = await Query();
        Assert.Equal(Enumerable.Range(8_001 - stored.Count, stored.Count).Select(id => (long)id), stored.Select(one => one.SequenceNr));
    }

    private Task<long> Trim(DateTimeOffset now) => new JournalTrim(Settings).RunAsync(now);
}
