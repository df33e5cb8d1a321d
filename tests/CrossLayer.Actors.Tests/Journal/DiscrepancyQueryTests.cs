using Akka.Actor;
using Akka.Streams;
using Akka.Streams.Dsl;
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
        Assert.Empty(await Query(Start()));
    }

    [Theory]
    [OnSqlite]
    [OnPostgres]
    public async Task More_events_than_the_query_buffers_come_once_each_and_in_order(JournalProvider provider)
    {
        Use(provider);
        var system = Start();
        await Append(system.StartJournal(Settings), [.. Enumerable.Range(1, 1_234).Select(id => Samples.Discrepant(id))]);
        var stored = await Query(system);
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
        var first = await Query(system);
        Assert.Empty(await Query(system, first[^1].Offset));
        await Append(journal, Samples.Discrepant(3));
        Assert.Equal(["3"], (await Query(system, first[^1].Offset)).Select(one => one.Correlation.RequestId.Text));
    }

    [Theory]
    [OnSqlite]
    [OnPostgres]
    public async Task Two_queries_run_while_the_journal_is_written(JournalProvider provider)
    {
        Use(provider);
        var writer = StartJournal();
        await Append(writer, Samples.Discrepant(1));
        using var readers = ActorSystem.Create("readers", JournalConfiguration.ForReading(Settings));

        var writing = Task.Run(async () =>
        {
            for (var id = 2; id <= 200; id++)
                await Append(writer, Samples.Discrepant(id));
        });
        var counts = new List<int>();
        while (!writing.IsCompleted)
        {
            var both = await Task.WhenAll(Query(readers), Query(readers));
            foreach (var stored in both)
            {
                Assert.Equal(Enumerable.Range(1, stored.Count).Select(id => (long)id), stored.Select(one => one.SequenceNr));
                counts.Add(stored.Count);
            }
        }

        await writing;
        Assert.NotEmpty(counts);
        Assert.Equal(200, (await Query(readers)).Count);
        await readers.Terminate();
    }

    [Theory]
    [OnSqlite]
    [OnPostgres]
    public async Task Another_manifest_in_the_journal_ends_the_query_with_its_name(JournalProvider provider)
    {
        Use(provider);
        var system = Start();
        await Append(system.StartJournal(Settings), Samples.Discrepant(1), Samples.Discrepant(2));
        Sql<object?>("UPDATE journal SET manifest = 'D7' WHERE sequence_number = 2");
        var failure = await Record.ExceptionAsync(() => Query(system));
        Assert.Contains("'D7'", failure.GetBaseException().Message);
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
        Assert.Equal(["2"], (await Query(system)).Select(one => one.Correlation.RequestId.Text));
    }

    [Theory]
    [OnSqlite]
    [OnPostgres]
    public async Task A_query_that_its_reader_leaves_early_does_no_harm(JournalProvider provider)
    {
        Use(provider);
        var system = Start();
        await Append(system.StartJournal(Settings), [.. Enumerable.Range(1, 700).Select(id => Samples.Discrepant(id))]);
        var first = await new DiscrepancyQuery(system).Current().RunWith(Sink.First<StoredDiscrepancy>(), system.Materializer());
        Assert.Equal(1, first.SequenceNr);
        Assert.Equal(700, (await Query(system)).Count);
    }
}
