using CrossLayer.Actors.Correlations;
using CrossLayer.Actors.Journal;

namespace CrossLayer.Actors.Tests.Journal;

[Collection(PostgresCollection.Name)]
public sealed class DiscrepancyQueryTests(PostgresServer server) : JournalTest(server)
{
    [Theory]
    [OnSqlite]
    [OnPostgres]
    public async Task An_empty_journal_gives_nothing(JournalProvider provider)
    {
        Use(provider);
        Start();
        Assert.Empty(await Query());
    }

    [Theory]
    [OnSqlite]
    [OnPostgres]
    public async Task More_events_than_the_query_buffers_come_once_each_and_in_order(JournalProvider provider)
    {
        Use(provider);
        var system = Start();
        await Append(system.StartJournal(Settings), [.. Enumerable.Range(1, 1_234).Select(id => Samples.Discrepant(id))]);
        var stored = await Query();
        Assert.Equal(Enumerable.Range(1, 1_234).Select(id => (long)id), stored.Select(one => one.SequenceNr));
        Assert.Equal(stored.Select(one => one.Offset).Order(), stored.Select(one => one.Offset));
    }

    [Theory]
    [OnSqlite]
    [OnPostgres]
    public async Task A_query_goes_on_after_the_offset_where_another_ended(JournalProvider provider)
    {
        Use(provider);
        var system = Start();
        var journal = system.StartJournal(Settings);
        await Append(journal, Samples.Discrepant(1), Samples.Discrepant(2));
        var first = await Query();
        Assert.Empty(await Query(first[^1].Offset));
        await Append(journal, Samples.Discrepant(3));
        Assert.Equal(["3"], (await Query(first[^1].Offset)).Select(one => one.Correlation.RequestId.Text));
    }

    [Theory]
    [OnSqlite]
    [OnPostgres]
    public async Task Two_queries_run_while_the_journal_is_written(JournalProvider provider)
    {
        Use(provider);
        var writer = StartJournal();
        await Append(writer, Samples.Discrepant(1));

        var writing = Task.Run(async () =>
        {
            for (var id = 2; id <= 200; id++)
                await Append(writer, Samples.Discrepant(id));
        });
        var counts = new List<int>();
        while (!writing.IsCompleted)
        {
            var both = await Task.WhenAll(Query(), Query());
            foreach (var stored in both)
            {
                Assert.Equal(Enumerable.Range(1, stored.Count).Select(id => (long)id), stored.Select(one => one.SequenceNr));
                counts.Add(stored.Count);
            }
        }

        await writing;
        Assert.NotEmpty(counts);
        Assert.Equal(200, (await Query()).Count);
    }

    [Theory]
    [OnSqlite]
    [OnPostgres]
    public async Task Events_that_cannot_be_read_are_passed_over_and_counted_and_the_first_is_named(JournalProvider provider)
    {
        Use(provider);
        var journal = StartJournal();
        await Append(journal, [.. Enumerable.Range(1, 8).Select(id => Samples.Discrepant(id))]);
        Damage(2, "manifest = 'D7'");
        Damage(3, "manifest = NULL");
        Damage(4, "message = " + (provider == JournalProvider.Sqlite ? "X'FFFFFF'" : "'\xFFFFFF'"));
        Damage(5, "message = " + (provider == JournalProvider.Sqlite ? "X''" : "''"));
        Damage(6, "identifier = 4711");
        Damage(7, "identifier = NULL");
        await Append(journal, Samples.Discrepant(9));

        var query = new DiscrepancyQuery(Settings);
        Assert.Equal(["1", "8", "9"], (await All(query.ReadAsync())).Select(found => found.Correlation.RequestId.Text));
        Assert.Equal(6, query.Unreadable.Count);
        Assert.StartsWith("row 2, event 2 of 'discrepancies': An event with manifest 'D7' cannot be read: this version knows", query.Unreadable.First);
    }

    [Fact]
    public async Task Columns_of_another_kind_are_damage_like_any_other()
    {
        await Append(StartJournal(), [.. Enumerable.Range(1, 4).Select(id => Samples.Discrepant(id))]);
        Damage(2, "message = 'text'");
        Damage(3, "sequence_number = X'00'");
        var query = new DiscrepancyQuery(Settings);
        Assert.Equal(["1", "3", "4"], (await All(query.ReadAsync())).Select(found => found.Correlation.RequestId.Text));
        Assert.Equal(1, query.Unreadable.Count);
    }

    [Fact]
    public async Task A_file_with_pages_overwritten_is_one_clear_line()
    {
        await Append(StartJournal(), [.. Enumerable.Range(1, 1_000).Select(id => Samples.Discrepant(id))]);
        await Stop();
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        Sql<object?>("PRAGMA wal_checkpoint(TRUNCATE)");
        await using (var file = File.OpenWrite(Settings.FullPath))
        {
            // All but the first pages, which tell what tables there are.
            file.Position = 16 * 4096;
            file.Write([.. Enumerable.Repeat((byte)0xA5, (int)file.Length - 16 * 4096)]);
        }

        var refusal = await Assert.ThrowsAsync<JournalUnavailableException>(() => Query());
        Assert.Equal(
            $"cannot use the journal {Settings.FullPath}: it is damaged; move the file away; sqlite3's .recover may save its content (crosslayer.journal.path)",
            refusal.Message);
    }

    [Theory]
    [OnSqlite]
    [OnPostgres]
    public async Task A_filter_takes_what_it_names(JournalProvider provider)
    {
        Use(provider);
        var journal = StartJournal();
        var full = Samples.Full;
        await Append(journal, Samples.Discrepant(1), Samples.Discrepant(2, Cause.PathLoss), full);
        var middle = (await Query())[^1].WrittenAt;
        await Eventually(() => DateTimeOffset.UtcNow > middle + TimeSpan.FromMilliseconds(2));
        await Append(journal, Samples.Discrepant(4));

        Assert.Equal(["2"], await Ids(new() { Causes = [Cause.PathLoss, Cause.MtuBlackhole] }));
        Assert.Equal([full.RequestId.Text], await Ids(new() { Service = "shop" }));
        Assert.Equal([full.RequestId.Text], await Ids(new() { Route = "/orders" }));
        Assert.Equal([full.RequestId.Text], await Ids(new() { Route = "/ord*" }));
        Assert.Empty(await Ids(new() { Route = "/ord" }));
        Assert.Empty(await Ids(new() { Service = "bank" }));
        Assert.Empty(await Ids(new() { MinConfidence = 0.999 }));
        Assert.Equal(4, (await Ids(new() { MinConfidence = 0.1 })).Count);
        Assert.Equal(["4"], await Ids(new() { Since = middle + TimeSpan.FromTicks(1) }));
        Assert.Equal(["1", "2", full.RequestId.Text], await Ids(new() { Until = middle + TimeSpan.FromTicks(1) }));
    }

    [Theory]
    [OnSqlite]
    [OnPostgres]
    public async Task Events_under_another_tag_are_not_listed(JournalProvider provider)
    {
        Use(provider);
        var system = Start();
        await Append(system.StartJournal(Settings), Samples.Discrepant(1), Samples.Discrepant(2));
        Sql<object?>("UPDATE journal SET tags = ';recording;' WHERE sequence_number = 1");
        Assert.Equal(["2"], (await Query()).Select(one => one.Correlation.RequestId.Text));
    }

    [Theory]
    [OnSqlite]
    [OnPostgres]
    public async Task A_query_that_its_reader_leaves_early_does_no_harm(JournalProvider provider)
    {
        Use(provider);
        var system = Start();
        await Append(system.StartJournal(Settings), [.. Enumerable.Range(1, 700).Select(id => Samples.Discrepant(id))]);
        await foreach (var first in new DiscrepancyQuery(Settings).ReadAsync())
        {
            Assert.Equal(1, first.SequenceNr);
            break;
        }

        Assert.Equal(700, (await Query()).Count);
    }

    private void Damage(int sequenceNr, string change) => Sql<object?>($"UPDATE journal SET {change} WHERE ordering = {sequenceNr}");

    private async Task<List<string>> Ids(DiscrepancyFilter filter) => [.. (await Query(filter: filter)).Select(found => found.Correlation.RequestId.Text)];
}
