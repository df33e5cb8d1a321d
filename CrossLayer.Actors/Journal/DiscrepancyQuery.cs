using System.Runtime.CompilerServices;

namespace CrossLayer.Actors.Journal;

/// <summary>
/// Reads discrepancies back from the journal, whoever wrote them, in the order in which they were written; also while they are written.
/// An event that cannot be read is passed over and counted.
/// </summary>
public sealed class DiscrepancyQuery
{
    private readonly JournalDatabase _database;

    /// <summary>Opens a journal for reading.</summary>
    /// <exception cref="JournalUnavailableException">There is no journal, or it cannot be read.</exception>
    public DiscrepancyQuery(JournalSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        _database = JournalDatabase.Of(settings);
        _database.RequireJournal();
    }

    /// <summary>What the query has passed over so far.</summary>
    public UnreadableEvents Unreadable { get; private set; }

    /// <summary>What the journal holds now.</summary>
    /// <param name="filter">Which ones; null for all.</param>
    /// <param name="after">The <see cref="StoredDiscrepancy.Offset"/> to continue after; 0 for all.</param>
    /// <param name="cancellation">Ends the query early.</param>
    /// <exception cref="JournalUnavailableException">The journal cannot be read on, as when its file is damaged.</exception>
    public async IAsyncEnumerable<StoredDiscrepancy> ReadAsync(
        DiscrepancyFilter? filter = null, long after = 0, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        var (since, until) = (filter?.Since ?? DateTimeOffset.MinValue, filter?.Until ?? DateTimeOffset.MaxValue);
        await foreach (var row in _database.RowsAsync(DiscrepancyFound.Tag, after, since, until, cancellation))
        {
            if (Read<DiscrepancyFound>(row) is { } found && filter?.Takes(found.Correlation) != false)
                yield return new StoredDiscrepancy(row.Offset, row.Writer, row.SequenceNr, row.WrittenAt, found.Correlation);
        }
    }

    /// <summary>The summaries that were written from one time to another, in the order in which they were written.</summary>
    /// <param name="since">Written then or later; null for all.</param>
    /// <param name="until">Written before then; null for all.</param>
    /// <param name="cancellation">Ends the query early.</param>
    /// <exception cref="JournalUnavailableException">The journal cannot be read on.</exception>
    public async IAsyncEnumerable<StoredSummary> ReadSummariesAsync(
        DateTimeOffset? since = null, DateTimeOffset? until = null, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        var rows = _database.RowsAsync(IntervalSummary.Tag, 0, since ?? DateTimeOffset.MinValue, until ?? DateTimeOffset.MaxValue, cancellation);
        await foreach (var row in rows)
        {
            if (Read<IntervalSummary>(row) is { } summary)
                yield return new StoredSummary(row.Offset, row.Writer, summary);
        }
    }

    private T? Read<T>(StoredRow row)
        where T : class
    {
        try
        {
            return row.Read() as T
                ?? throw new JournalFormatException($"An event with manifest '{row.Manifest}' stands under a tag that is not its own.");
        }
        catch (JournalFormatException reason)
        {
            Unreadable = Unreadable.And(row, reason);
            return null;
        }
    }
}
