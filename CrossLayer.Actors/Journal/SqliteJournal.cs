using System.Data.Common;
using System.Globalization;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace CrossLayer.Actors.Journal;

/// <summary>A journal in a SQLite file.</summary>
internal sealed class SqliteJournal(JournalSettings settings) : JournalDatabase(settings)
{
    private const int SynchronousFull = 2;

    private static (string What, string Mend) ReadOnly => ("it is read-only", "give this user the right to write it");

    /// <inheritdoc/>
    public override string ProviderName => "SQLite.MS";

    /// <inheritdoc/>
    public override string ConnectionString(bool forReading) =>
        ConnectionString(forReading ? SqliteOpenMode.ReadOnly : SqliteOpenMode.ReadWriteCreate);

    /// <inheritdoc/>
    public override DbConnection Connect(bool forReading) => new SqliteConnection(ConnectionString(forReading) + ";Pooling=False");

    /// <summary>
    /// Makes the folder and the file where they are missing, and sees to it that readers do not stop the writer (WAL, a
    /// property of the file) and that a commit is on the disk before it is reported. The latter, 'synchronous', belongs
    /// to each connection; FULL is what the SQLite library starts every connection with, so it is checked here and not set
    /// over and over. NORMAL would gain a sixth in speed and lose the last commits when the power fails.
    /// </summary>
    /// <exception cref="JournalUnavailableException">The file cannot be written.</exception>
    public override void Prepare() => Open(SqliteOpenMode.ReadWriteCreate, connection =>
    {
        // A file without write permission opens all the same, and even begins a write transaction, as a reader.
        if (raw.sqlite3_db_readonly(connection.Handle!, "main") != 0)
            throw Unavailable(ReadOnly.What, ReadOnly.Mend);
        var mode = Ask(connection, "PRAGMA journal_mode=WAL");
        if (mode != "wal")
        {
            var what = $"its file system does not allow write-ahead logging (journal mode '{mode}')";
            throw Unavailable(what, "use a local disk");
        }

        var synchronous = Ask(connection, "PRAGMA synchronous");
        if (int.Parse(synchronous, CultureInfo.InvariantCulture) < SynchronousFull)
        {
            var what = $"this SQLite library does not wait for the disk (synchronous={synchronous})";
            throw Unavailable(what, "use the library that came with the program");
        }

        // Held by another program, it is better said now than at the first write.
        Ask(connection, "BEGIN IMMEDIATE");
        Ask(connection, "ROLLBACK");
    });

    /// <inheritdoc/>
    public override void RequireJournal()
    {
        const string mend = "let the daemon write one, or name another";
        if (!File.Exists(Settings.FullPath))
            throw Unavailable("there is no such file", mend);
        Open(SqliteOpenMode.ReadOnly, connection =>
        {
            if (Ask(connection, "SELECT count(*) FROM sqlite_master WHERE name = 'journal'") == "0")
                throw Unavailable("it is a SQLite database without a journal", mend);
        });
    }

    private void Open(SqliteOpenMode mode, Action<SqliteConnection> use)
    {
        try
        {
            if (mode == SqliteOpenMode.ReadWriteCreate && Path.GetDirectoryName(Settings.FullPath) is { Length: > 0 } folder)
                Directory.CreateDirectory(folder);
            using var connection = new SqliteConnection(ConnectionString(mode) + ";Pooling=False");
            connection.Open();
            use(connection);
        }
        catch (SqliteException refusal)
        {
            throw Explain(refusal);
        }
        catch (Exception refusal) when (refusal is IOException or UnauthorizedAccessException)
        {
            throw Unavailable(refusal.Message.TrimEnd('.'), "choose a folder that this user may write", refusal);
        }
    }

    private static string Ask(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return Convert.ToString(command.ExecuteScalar(), CultureInfo.InvariantCulture) ?? "";
    }

    private JournalUnavailableException Explain(SqliteException refusal)
    {
        var (what, mend) = refusal.SqliteErrorCode switch
        {
            raw.SQLITE_NOTADB => ("it is not a SQLite database", "move the file away, or choose another path"),
            raw.SQLITE_CORRUPT => ("it is damaged", "move the file away; sqlite3's .recover may save its content"),
            raw.SQLITE_READONLY or raw.SQLITE_PERM => ReadOnly,
            raw.SQLITE_BUSY or raw.SQLITE_LOCKED =>
                ("another program holds it locked", "end that program, or choose another path"),
            raw.SQLITE_FULL => ("the disk is full", "free some space"),
            raw.SQLITE_CANTOPEN => ("it cannot be opened as a file", "choose a file that this user may read and write"),
            _ => (refusal.Message.TrimEnd('.'), "check the disk, or choose another path"),
        };
        return Unavailable(what, mend, refusal);
    }

    private JournalUnavailableException Unavailable(string what, string mend, Exception? cause = null) =>
        new($"cannot use the journal {Settings.FullPath}: {what}; {mend} (crosslayer.journal.path)", cause);

    private string ConnectionString(SqliteOpenMode mode) => new SqliteConnectionStringBuilder
    {
        DataSource = Settings.FullPath,
        Mode = mode,
        // Waiting for a lock must end before the journal's circuit breaker (10 s) gives the write up.
        DefaultTimeout = (int)Settings.BusyTimeout.TotalSeconds,
    }.ToString();
}
