using CrossLayer.Actors.Correlations;
using CrossLayer.Actors.Journal;

namespace CrossLayer.Actors.Tests.Journal;

[Collection(PostgresCollection.Name)]
public sealed class DiscrepancyJournalTests(PostgresServer server) : JournalTest(server)
{
    [Theory]
    [OnSqlite]
    [OnPostgres]
    public async Task What_was_appended_is_there_after_a_restart_in_its_order(JournalProvider provider)
    {
        Use(provider);
        var journal = StartJournal();
        var correlations = Enumerable.Range(1, 40).Select(id => Samples.Discrepant(id)).Append(Samples.Full).ToArray();
        foreach (var batch in correlations.Chunk(7))
            Assert.Equal(batch.Length, (await Append(journal, batch)).Written);

        var stored = await QueryAfterRestart();
        Assert.Equal(correlations, stored.Select(one => one.Correlation));
        Assert.Equal(Enumerable.Range(1, 41).Select(number => (long)number), stored.Select(one => one.SequenceNr));
        Assert.All(stored, one => Assert.Equal("discrepancies", one.Writer));
        Assert.All(stored, one => Assert.InRange(DateTimeOffset.UtcNow - one.WrittenAt, TimeSpan.FromSeconds(-1), TimeSpan.FromMinutes(2)));
    }

    [Theory]
    [OnSqlite]
    [OnPostgres]
    public async Task Only_discrepant_correlations_are_written(JournalProvider provider)
    {
        Use(provider);
        var journal = StartJournal();
        var appended = await Append(journal, Samples.Healthy(1), Samples.Discrepant(2), Samples.Inconclusive(3), Samples.Discrepant(4));
        Assert.Equal(2, appended.Written);
        Assert.Equal(["2", "4"], (await QueryAfterRestart()).Select(one => one.Correlation.RequestId.Text));
    }

    [Theory]
    [OnSqlite]
    [OnPostgres]
    public async Task A_batch_without_discrepancies_is_answered_and_writes_nothing(JournalProvider provider)
    {
        Use(provider);
        var journal = StartJournal();
        Assert.Equal(0, (await Append(journal)).Written);
        Assert.Equal(0, (await Append(journal, Samples.Healthy(1), Samples.Inconclusive(2))).Written);
        Assert.Empty(await QueryAfterRestart());
    }

    [Theory]
    [OnSqlite]
    [OnPostgres]
    public async Task When_the_answer_comes_the_events_are_in_the_file(JournalProvider provider)
    {
        Use(provider);
        var journal = StartJournal();
        for (var count = 50; count <= 1_500; count += 290)
        {
            var before = count == 50 ? 0 : Sql<long>("SELECT count(*) FROM journal");
            await Append(journal, [.. Enumerable.Range(1, count).Select(id => Samples.Discrepant(id))]);
            Assert.Equal(before + count, Sql<long>("SELECT count(*) FROM journal"));
        }
    }

    [Theory]
    [OnSqlite]
    [OnPostgres]
    public async Task Batches_that_overlap_are_all_answered_and_keep_their_order(JournalProvider provider)
    {
        Use(provider);
        var journal = StartJournal();
        var batches = Enumerable.Range(1, 600).Select(id => Samples.Discrepant(id)).Chunk(3).ToArray();
        var answers = await Task.WhenAll(batches.Select(batch => Append(journal, batch)));
        Assert.All(answers, answer => Assert.Equal(3, answer.Written));
        Assert.Equal(batches.SelectMany(batch => batch), (await QueryAfterRestart()).Select(one => one.Correlation));
    }

    [Theory]
    [OnSqlite]
    [OnPostgres]
    public async Task After_a_restart_the_numbers_go_on_where_they_ended(JournalProvider provider)
    {
        Use(provider);
        await Append(StartJournal(), Samples.Discrepant(1), Samples.Discrepant(2));
        await Stop();
        await Append(StartJournal(), Samples.Discrepant(3));
        await Stop();
        await Append(StartJournal(), Samples.Discrepant(4));

        var stored = await QueryAfterRestart();
        Assert.Equal([1, 2, 3, 4], stored.Select(one => one.SequenceNr));
        Assert.Equal(["1", "2", "3", "4"], stored.Select(one => one.Correlation.RequestId.Text));
    }

    [Theory]
    [OnSqlite]
    [OnPostgres]
    public async Task A_batch_that_cannot_be_put_into_bytes_is_rejected_whole_and_the_next_one_is_written(JournalProvider provider)
    {
        Use(provider);
        var journal = StartJournal();
        var rejected = Append(journal, Samples.Discrepant(1), Samples.Discrepant(2, (Cause)99));
        var taken = Append(journal, Samples.Discrepant(3));

        var failure = await Assert.ThrowsAsync<JournalUnavailableException>(() => rejected);
        Assert.Contains("rejected a batch of 2 events", failure.Message);
        Assert.Contains("99", failure.Message);
        Assert.Equal(1, (await taken).Written);
        Assert.Equal(["3"], (await QueryAfterRestart()).Select(one => one.Correlation.RequestId.Text));
    }

    [Theory]
    [OnSqlite]
    [OnPostgres]
    public async Task Events_stand_in_the_file_under_the_manifest_the_identifier_and_the_tag(JournalProvider provider)
    {
        Use(provider);
        await Append(StartJournal(), Samples.Discrepant(1));
        Assert.Equal("D1", Sql<string>("SELECT manifest FROM journal"));
        Assert.Equal(25203, Sql<long>("SELECT identifier FROM journal"));
        Assert.Equal("discrepancies", Sql<string>("SELECT persistence_id FROM journal"));
        Assert.Equal(";discrepancy;", Sql<string>("SELECT tags FROM journal"));
    }
}
