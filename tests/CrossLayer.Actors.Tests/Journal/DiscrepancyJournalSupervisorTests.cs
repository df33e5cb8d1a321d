using Akka.Actor;
using CrossLayer.Actors.Journal;

namespace CrossLayer.Actors.Tests.Journal;

public sealed class DiscrepancyJournalSupervisorTests : JournalTest
{
    public DiscrepancyJournalSupervisorTests() =>
        Settings = Settings with { RestartAfter = TimeSpan.FromMilliseconds(50), RestartAfterAtMost = TimeSpan.FromMilliseconds(200) };

    [Fact]
    public async Task After_a_failure_the_journal_is_opened_again_and_goes_on_with_what_waits()
    {
        var journal = StartJournal();
        await Append(journal, Samples.Discrepant(1));
        BreakTable();
        var asked = Enumerable.Range(2, 20).Select(id => Append(journal, Samples.Discrepant(id))).ToArray();
        await Eventually(async () => (await Status(journal)).Outage is not null);
        Assert.Contains("no such table: journal", (await Status(journal)).Outage!.Reason);
        Assert.All(asked, one => Assert.False(one.IsCompleted));

        MendTable();
        await Task.WhenAll(asked);
        Assert.Equal(Enumerable.Range(1, 21).Select(id => $"{id}"), (await QueryAfterRestart()).Select(one => one.Correlation.RequestId.Text));
    }

    [Fact]
    public async Task While_the_journal_is_closed_batches_with_nothing_to_write_are_answered()
    {
        Settings = Settings with { RestartAfter = TimeSpan.FromMinutes(1), RestartAfterAtMost = TimeSpan.FromMinutes(1) };
        var journal = StartJournal();
        await Append(journal, Samples.Discrepant(1));
        BreakTable();
        var waiting = Append(journal, Samples.Discrepant(2));
        await Eventually(async () => (await Status(journal)).Outage is not null);
        Assert.Equal(0, (await Append(journal, Samples.Healthy(4))).Written);
        Assert.False(waiting.IsCompleted);
        await Stop();
        Assert.Contains("no such table", (await Assert.ThrowsAsync<JournalUnavailableException>(() => waiting)).Message);
    }

    [Fact]
    public async Task A_second_writer_of_another_name_writes_to_the_same_journal()
    {
        var one = StartJournal();
        Settings = Settings with { Writer = "another" };
        var other = StartJournal();
        await Task.WhenAll(Enumerable.Range(1, 50).Select(id => Append(id % 2 == 0 ? one : other, Samples.Discrepant(id))));

        var stored = await QueryAfterRestart();
        Assert.Equal(50, stored.Count);
        Assert.Equal(["another", "discrepancies"], stored.Select(found => found.Writer).Distinct().Order());
    }

    [Fact]
    public async Task More_batches_than_may_wait_are_refused_at_once()
    {
        var supervisor = Supervise(Props.Create(() => new Silent()), mayWait: 2);
        var waiting = new[] { Append(supervisor, Samples.Discrepant(1)), Append(supervisor, Samples.Discrepant(2)) };

        var failure = await Assert.ThrowsAsync<JournalUnavailableException>(() => Append(supervisor, Samples.Discrepant(3)));
        Assert.Contains("2 batches already wait", failure.Message);
        Assert.All(waiting, one => Assert.False(one.IsCompleted));
        await Stop();
        foreach (var one in waiting)
            Assert.Contains("shut down", (await Assert.ThrowsAsync<JournalUnavailableException>(() => one)).Message);
    }

    [Fact]
    public async Task A_journal_that_throws_is_made_anew_and_its_reason_is_told()
    {
        var supervisor = Supervise(Props.Create(() => new Throwing()), mayWait: 2);
        var waiting = Append(supervisor, Samples.Discrepant(1));
        await Eventually(async () => (await Status(supervisor)).Outage is { Reason: "out of paper", Attempts: > 2 });
        Assert.False(waiting.IsCompleted);
        await Stop();
        Assert.Contains("out of paper", (await Assert.ThrowsAsync<JournalUnavailableException>(() => waiting)).Message);
    }

    private static Task<JournalStatus> Status(IActorRef journal) => journal.Ask<JournalStatus>(new GetJournalStatus(), Patience);

    private IActorRef Supervise(Props journal, int mayWait)
    {
        Settings = Settings with { MaxPendingBatches = mayWait };
        return Start().ActorOf(DiscrepancyJournalSupervisor.Props(Settings, journal));
    }

    private void BreakTable() => Sql<object?>("ALTER TABLE journal RENAME TO gone");

    private void MendTable() => Sql<object?>("ALTER TABLE gone RENAME TO journal");

    private sealed class Silent : ReceiveActor
    {
        public Silent()
        {
            Context.Parent.Tell(new DiscrepancyJournal.Opened(0));
            ReceiveAny(_ => { });
        }
    }

    private sealed class Throwing : ReceiveActor
    {
        public Throwing()
        {
            Context.Parent.Tell(new DiscrepancyJournal.Opened(0));
            ReceiveAny(_ => throw new InvalidOperationException("out of paper"));
        }
    }
}
