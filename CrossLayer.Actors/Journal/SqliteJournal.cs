using System.Data.Common;
using System.Globalization;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace CrossLayer.Actors.Journal;

/// <summary>A journal in a SQLite file.</summary>
internal sealed class SqliteJournal(JournalSettings settings) : JournalDatabase(settings)
{
    private const int SynchronousFull = 2;

    // SQLite grows its shared memory by so many bytes at a time.
    private const long LeastFreeBytes = 32 << 10;

    private static (string What, string Mend) ReadOnly => ("it is read-only", "give this user the right to write it");

    /// <inheritdoc/>
    public override string ProviderName => "SQLite.MS";

    /// <inheritdoc/>
    public override string True => "1";

    /// <inheritdoc/>
    public override string NoBytes => "X''";

    /// <inheritdoc/>
    protected override string Schema => """
        CREATE TABLE IF NOT EXISTS journal (
          ordering INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
          created INTEGER NOT NULL,
          deleted Bit NOT NULL,
          persistence_id NVarChar(255) NOT NULL,
          sequence_number INTEGER NOT NULL,
          message VarBinary NOT NULL,
          tags NVarChar(100) NULL,
          manifest NVarChar(500) NULL,
          identifier INTEGER NULL,
          writer_uuid NVarChar(128) NULL
        );
        CREATE UNIQUE INDEX IF NOT EXISTS journal_uq ON journal (persistence_id, sequence_number);
        CREATE INDEX IF NOT EXISTS journal_created_idx ON journal (created);
        """;

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
        // Of a new file only: pages that retention empties can then be given back to the file system.
        Ask(connection, "PRAGMA auto_vacuum=INCREMENTAL");
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
        PrepareSchema(connection);
        Ask(connection, "COMMIT");
    });

    /// <inheritdoc/>
    public override async Task GiveBackAsync(DbConnection connection, CancellationToken cancellation)
    {
        // A file of before there was retention has no list of its pages: it keeps the free ones for what is written next.
        if (Ask(connection, "PRAGMA auto_vacuum") != "2")
            return;
        // A thousand pages, 4 MB, at a time: the writer waits for one such step at most.
        while (!cancellation.IsCancellationRequested && Ask(connection, "PRAGMA freelist_count") != "0")
        {
            await using var command = connection.CreateCommand();
            command.CommandText = "PRAGMA incremental_vacuum(1000)";
            await using var steps = await command.ExecuteReaderAsync(cancellation);
            while (await steps.ReadAsync(cancellation))
            {
                // Each row is a page that is free now.
            }
        }
    }

    /// <inheritdoc/>
    public override void RequireJournal()
    {
        const string mend = "let the daemon write one, or name another";
        if (!File.Exists(Settings.FullPath))
            throw Unavailable("there is no such file", mend);
        Open(SqliteOpenMode.ReadOnly, connection =>
        {
            if (!HasTable(connection, "journal"))
                throw Unavailable("it is a SQLite database without a journal", mend);
            CheckVersion(connection);
        });
    }

    /// <inheritdoc/>
    /// <remarks>Where its shared memory or its log finds no room, SQLite calls that an error of the disk: whoever reads of it is told what to do.</remarks>
    public override string Reason(Exception? failure) =>
        failure?.GetBaseException() is SqliteException { SqliteErrorCode: raw.SQLITE_IOERR } && FreeBytes() is < LeastFreeBytes
            ? $"the disk is full ({base.Reason(failure)})" : base.Reason(failure);

    private long? FreeBytes()
    {
        try
        {
            return new DriveInfo(Path.GetDirectoryName(Settings.FullPath)!).AvailableFreeSpace;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null;
        }
    }

    /// <inheritdoc/>
    protected override bool HasTable(DbConnection connection, string table) =>
        Ask(connection, $"SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = '{table}'") != "0";

    /// <inheritdoc/>
    protected override JournalUnavailableException Unavailable(string what, string mend, Exception? cause = null) =>
        new($"cannot use the journal {Settings.FullPath}: {what}; {mend} (crosslayer.journal.path)", cause);

    /// <inheritdoc/>
    protected override JournalUnavailableException? Explain(Exception failure)
    {
        if (failure is IOException or UnauthorizedAccessException)
            return Unavailable(failure.Message.TrimEnd('.'), "choose a folder that this user may write", failure);
        if (failure is not SqliteException refusal)
            return null;
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
        catch (Exception refusal) when (Explain(refusal) is { } explained)
        {
            throw explained;
        }
    }

    private string ConnectionString(SqliteOpenMode mode) => new SqliteConnectionStringBuilder
    {
        DataSource = Settings.FullPath,
        Mode = mode,
        // Waiting for a lock must end before the journal's circuit breaker (10 s) gives the write up.
        DefaultTimeout = (int)Settings.BusyTimeout.TotalSeconds,
    }.ToString();
}
