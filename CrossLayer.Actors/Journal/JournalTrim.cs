using System.Data;
using System.Data.Common;

namespace CrossLayer.Actors.Journal;

/// <summary>
/// Deletes what the journal need not keep: a step at a time, each a short transaction, so that a writer waits for one of them at most.
/// Recordings have rules of their own and are left alone.
/// </summary>
/// <remarks>
/// The storage library numbers on from the highest number that stands in the table, deleted or not. So a writer's last row is not removed
/// but emptied, and marked as deleted, as the library does it; it goes when a newer one has come.
/// </remarks>
internal sealed class JournalTrim(JournalSettings settings)
{
    /// <summary>Rows of one step.</summary>
    public const int StepSize = 1_000;

    // What a row takes beside its event: the other columns and its places in the indexes.
    private const int RowOverhead = 250;

    private const string Ours = $"(tags LIKE '%;{DiscrepancyFound.Tag};%' OR tags LIKE '%;{IntervalSummary.Tag};%')";
    private const string IsLast = "sequence_number = (SELECT max(sequence_number) FROM journal newest WHERE newest.persistence_id = journal.persistence_id)";

    private readonly JournalDatabase _database = JournalDatabase.Of(settings);

    /// <summary>Deletes all that is too old, and the oldest of what is too much.</summary>
    /// <param name="now">The wall clock's time: the age of an event is since it was written.</param>
    /// <param name="cancellation">Ends it after a step.</param>
    /// <returns>Events deleted.</returns>
    public async Task<long> RunAsync(DateTimeOffset now, CancellationToken cancellation = default)
    {
        await using var connection = _database.Connect(forReading: false);
        await connection.OpenAsync(cancellation);
        var deleted = 0L;
        if (settings.KeepFor is { } keepFor)
        {
            var before = (now - keepFor).UtcTicks;
            while (await OldestAsync(connection, before, long.MaxValue, cancellation) is { Last: > 0 } step)
                deleted += await DeleteAsync(connection, step.Last, before, cancellation);
        }

        if (settings.KeepAtMost is { } keepAtMost)
        {
            var excess = await SizeAsync(connection, cancellation) - keepAtMost;
            while (excess > 0 && await OldestAsync(connection, long.MaxValue, excess, cancellation) is { Last: > 0 } step)
            {
                deleted += await DeleteAsync(connection, step.Last, long.MaxValue, cancellation);
                excess -= step.Bytes;
            }
        }

        if (deleted > 0)
            await _database.GiveBackAsync(connection, cancellation);
        return deleted;
    }

    /// <summary>What the journal's events take, in bytes.</summary>
    private static async Task<long> SizeAsync(DbConnection connection, CancellationToken cancellation)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = $"SELECT CAST(coalesce(sum(length(message) + {RowOverhead}), 0) AS BIGINT) FROM journal WHERE {Ours} AND NOT deleted";
        return (long)(await command.ExecuteScalarAsync(cancellation))!;
    }

    /// <summary>The place of the last row of a step: the oldest rows written before a time, up to so many bytes, and what they take; 0 if there are none.</summary>
    private static async Task<(long Last, long Bytes)> OldestAsync(DbConnection connection, long before, long bytes, CancellationToken cancellation)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = $"""
            SELECT ordering, length(message) FROM journal
            WHERE {Ours} AND created < @before AND NOT (deleted AND {IsLast}) ORDER BY ordering LIMIT {StepSize}
            """;
        JournalDatabase.Add(command, "before", before);
        await using var rows = await command.ExecuteReaderAsync(cancellation);
        var (last, taken) = (0L, 0L);
        while (taken < bytes && await rows.ReadAsync(cancellation))
        {
            last = rows.GetInt64(0);
            taken += rows.GetInt32(1) + RowOverhead;
        }

        return (last, taken);
    }

    private async Task<long> DeleteAsync(DbConnection connection, long last, long before, CancellationToken cancellation)
    {
        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.Unspecified, cancellation);
        var emptied = await ExecuteAsync($"UPDATE journal SET deleted = {_database.True}, message = {_database.NoBytes} WHERE NOT deleted AND {IsLast}");
        var removed = await ExecuteAsync($"DELETE FROM journal WHERE NOT deleted AND NOT {IsLast}");
        await ExecuteAsync($"DELETE FROM journal WHERE deleted AND NOT {IsLast}");
        await transaction.CommitAsync(cancellation);
        return emptied + removed;

        async Task<int> ExecuteAsync(string statement)
        {
            await using var command = connection.CreateCommand();
            command.Transaction = transaction;
#pragma warning disable CA2100 // the statements are those above
            command.CommandText = $"{statement} AND {Ours} AND ordering <= @last AND created < @before";
#pragma warning restore CA2100
            JournalDatabase.Add(command, "last", last);
            JournalDatabase.Add(command, "before", before);
            return await command.ExecuteNonQueryAsync(cancellation);
        }
    }
}
