using CrossLayer.Actors.Journal;
using Microsoft.Data.Sqlite;

namespace CrossLayer.Benchmarks.Journal;

/// <summary>The reference: the same table, indexes and bytes, written with one prepared statement, a batch a transaction, and as durable.</summary>
internal sealed class RawJournal : IDisposable
{
    private readonly SqliteConnection _connection;
    private readonly SqliteCommand _insert;
    private readonly SqliteParameter _sequence;
    private readonly SqliteParameter _message;
    private readonly SqliteParameter _created;
    private long _next;

    /// <param name="settings">Where; the table is made as the journal makes it.</param>
    /// <param name="rows">How many it has written there before.</param>
    internal RawJournal(JournalSettings settings, long rows = 0)
    {
        _next = rows;
        JournalConfiguration.For(settings);
        _connection = new SqliteConnection($"Data Source={settings.FullPath};Pooling=False");
        _connection.Open();
        Run("PRAGMA synchronous=FULL");
        _insert = _connection.CreateCommand();
        _insert.CommandText = """
            INSERT INTO journal (created, deleted, persistence_id, sequence_number, message, tags, manifest, identifier, writer_uuid)
            VALUES (@created, 0, 'raw', @sequence, @message, ';discrepancy;', 'D1', 25203, 'f0000000-0000-0000-0000-000000000000')
            """;
        _created = _insert.Parameters.Add("created", SqliteType.Integer);
        _sequence = _insert.Parameters.Add("sequence", SqliteType.Integer);
        _message = _insert.Parameters.Add("message", SqliteType.Blob);
        _insert.Prepare();
    }

    internal void Write(IReadOnlyList<byte[]> messages)
    {
        using var transaction = _connection.BeginTransaction();
        _insert.Transaction = transaction;
        foreach (var message in messages)
        {
            (_created.Value, _sequence.Value, _message.Value) = (DateTime.UtcNow.Ticks, ++_next, message);
            _insert.ExecuteNonQuery();
        }

        transaction.Commit();
    }

    private void Run(string sql)
    {
        using var command = _connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _insert.Dispose();
        _connection.Dispose();
    }
}
