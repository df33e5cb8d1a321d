using Akka.Actor;
using CrossLayer.Actors.Journal;

namespace CrossLayer.Actors.Graph;

/// <summary>
/// The graph's last stage but one: a batch goes on when its discrepancies are in the journal, however long that takes. What the
/// journal refuses, which it does when the program ends without it, is counted.
/// </summary>
/// <param name="journal">Answers <see cref="DiscrepancyJournal.Append"/>.</param>
internal sealed class JournalStage(IActorRef journal)
{
    private long _refused;
    private JournalUnavailableException? _refusal;

    /// <summary>Writes the discrepancies of a batch; one batch at a time.</summary>
    /// <returns>The batch, and whether its discrepancies are in the journal.</returns>
    public async Task<(CorrelationBatch Batch, bool Written)> WriteAsync(CorrelationBatch batch)
    {
        var count = DiscrepancyFound.In(batch.Correlations).Count();
        if (count == 0)
            return (batch, true);
        try
        {
            await journal.Ask<DiscrepancyJournal.Appended>(new DiscrepancyJournal.Append(batch.Correlations), Timeout.InfiniteTimeSpan);
            return (batch, true);
        }
        catch (JournalUnavailableException refusal)
        {
            _refused += count;
            _refusal ??= refusal;
            return (batch, false);
        }
    }

    /// <summary>Ends with the stream that this is a stage of.</summary>
    /// <exception cref="JournalUnavailableException">Discrepancies were refused; the message says how many and why.</exception>
    public async Task CompleteAsync(Task stream)
    {
        await stream;
        if (_refusal is not null)
            throw new JournalUnavailableException($"{_refused} discrepancies were not written: {_refusal.Message}", _refusal);
    }
}
