using System.Data.Common;
using System.Globalization;
using System.Runtime.CompilerServices;

namespace CrossLayer.Actors.Journal;

/// <summary>
/// The database beneath the journal: made ready before the actor system starts, so that what is wrong is said at once, and
/// asked what the storage library has no question for.
/// </summary>
/// <param name="settings">Which database.</param>
internal abstract class JournalDatabase(JournalSettings settings)
{
    /// <summary>The layout of the tables that this version writes; a reader of an older version would misread a newer one.</summary>
    public const int SchemaVersion = 1;

    private const int PageSize = 500;

    /// <summary>The settings it was made from.</summary>
    protected JournalSettings Settings { get; } = settings;

    /// <summary>What the storage library calls this kind of database.</summary>
    public abstract string ProviderName { get; }

    /// <summary>Makes the storage library's table, and its indexes, where they are missing.</summary>
    protected abstract string Schema { get; }

    /// <summary>A true value.</summary>
    public abstract string True { get; }

    /// <summary>No bytes, as a value of the column for them.</summary>
    public abstract string NoBytes { get; }

    /// <summary>The database of these settings.</summary>
    public static JournalDatabase Of(JournalSettings settings) => settings.Provider switch
    {
        JournalProvider.Sqlite => new SqliteJournal(settings),
        JournalProvider.PostgreSql => new PostgresJournal(settings),
        _ => throw new ArgumentOutOfRangeException(nameof(settings), settings.Provider, "There is no such kind of database."),
    };

    /// <summary>How the storage library connects.</summary>
    /// <param name="forReading">Nothing is to be written.</param>
    public abstract string ConnectionString(bool forReading);

    /// <summary>Makes the journal where it is missing, and sees to it that it can be written and that a commit is durable.</summary>
    /// <exception cref="JournalUnavailableException">It cannot be used; one line: what, where, what to do.</exception>
    public abstract void Prepare();

    /// <summary>Sees to it that there is a journal to read.</summary>
    /// <exception cref="JournalUnavailableException">There is none, or it cannot be read.</exception>
    public abstract void RequireJournal();

    /// <summary>A connection that is not open yet.</summary>
    /// <param name="forReading">Nothing is to be written.</param>
    public abstract DbConnection Connect(bool forReading);

    /// <summary>A failure in one line, for a log: never with a password.</summary>
    public virtual string Reason(Exception? failure) => OneLine(failure?.GetBaseException().Message ?? "no reason was given");

    /// <summary>Whether the journal holds these events of a writer, under the numbers from <paramref name="first"/> on.</summary>
    public async Task<bool> HoldsAsync(string writer, long first, IReadOnlyList<StoredBytes> events)
    {
        await using var connection = Connect(forReading: true);
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = """
            SELECT manifest, message FROM journal
            WHERE persistence_id = @writer AND sequence_number BETWEEN @first AND @last ORDER BY sequence_number
            """;
        Add(command, "writer", writer);
        Add(command, "first", first);
        Add(command, "last", first + events.Count - 1);
        await using var rows = await command.ExecuteReaderAsync();
        var same = 0;
        while (await rows.ReadAsync())
        {
            var (manifest, bytes) = events[same];
            if (rows.GetString(0) != manifest || !rows.GetFieldValue<byte[]>(1).AsSpan().SequenceEqual(bytes))
                return false;
            same++;
        }

        return same == events.Count;
    }

    /// <summary>The rows under a tag, in the order of the journal; a page at a time, so that no writer waits for a slow reader.</summary>
    /// <exception cref="JournalUnavailableException">The journal cannot be read on.</exception>
    public async IAsyncEnumerable<StoredRow> RowsAsync(
        string tag, long after, DateTimeOffset since, DateTimeOffset until, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await using var connection = Connect(forReading: true);
        List<StoredRow> page;
        do
        {
            page = await PageAsync();
            foreach (var row in page)
                yield return row;
            after = page.Count > 0 ? page[^1].Offset : after;
        }
        while (page.Count == PageSize);

        async Task<List<StoredRow>> PageAsync()
        {
            try
            {
                if (connection.State != System.Data.ConnectionState.Open)
                    await connection.OpenAsync(cancellation);
                await using var command = connection.CreateCommand();
                command.CommandText = $"""
                    SELECT {StoredRow.Columns} FROM journal
                    WHERE ordering > @after AND NOT deleted AND tags LIKE @tag AND created >= @since AND created < @until
                    ORDER BY ordering LIMIT {PageSize}
                    """;
                Add(command, "after", after);
                Add(command, "tag", $"%;{tag};%");
                Add(command, "since", since.UtcTicks);
                Add(command, "until", until.UtcTicks);
                await using var reader = await command.ExecuteReaderAsync(cancellation);
                var rows = new List<StoredRow>();
                while (await reader.ReadAsync(cancellation))
                    rows.Add(StoredRow.From(reader));
                return rows;
            }
            catch (Exception failure) when (Explain(failure) is { } explained)
            {
                throw explained;
            }
        }
    }

    /// <summary>Gives what deleted rows took back to the file system, where the database does not do so by itself.</summary>
    public virtual Task GiveBackAsync(DbConnection connection, CancellationToken cancellation) => Task.CompletedTask;

    /// <summary>What a failure of the database means; null where it is none of its.</summary>
    protected abstract JournalUnavailableException? Explain(Exception failure);

    /// <summary>Gives a command's parameter its value.</summary>
    public static void Add(DbCommand command, string name, object value)
    {
        var parameter = command.CreateParameter();
        (parameter.ParameterName, parameter.Value) = (name, value);
        command.Parameters.Add(parameter);
    }

    /// <summary>A message in one line, without the full stop.</summary>
    protected static string OneLine(string message) =>
        string.Join(' ', message.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)).TrimEnd('.');

    /// <summary>The first value of an answer, as text; "" for none.</summary>
    protected static string Ask(DbConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return Convert.ToString(command.ExecuteScalar(), CultureInfo.InvariantCulture) ?? "";
    }

    /// <summary>Whether there is such a table.</summary>
    protected abstract bool HasTable(DbConnection connection, string table);

    /// <summary>What is wrong, where, and what to do, in one line.</summary>
    protected abstract JournalUnavailableException Unavailable(string what, string mend, Exception? cause = null);

    /// <summary>Makes the tables, and notes the version that writes them; within the caller's transaction.</summary>
    /// <exception cref="JournalUnavailableException">A newer version has written the journal.</exception>
    protected void PrepareSchema(DbConnection connection)
    {
        CheckVersion(connection);
        if (HasTable(connection, "journal") && HasTable(connection, "journal_schema"))
            return; // who may only use them need not have the right to make them
        Ask(connection, Schema);
        Ask(connection, $"""
            CREATE TABLE IF NOT EXISTS journal_schema (version INTEGER NOT NULL PRIMARY KEY);
            INSERT INTO journal_schema SELECT {SchemaVersion} WHERE NOT EXISTS (SELECT 1 FROM journal_schema);
            """);
    }

    /// <summary>Sees to it that this version can read the journal. One without a version is of before there were any.</summary>
    /// <exception cref="JournalUnavailableException">A newer version has written it.</exception>
    protected void CheckVersion(DbConnection connection)
    {
        if (!HasTable(connection, "journal_schema"))
            return;
        var version = Ask(connection, "SELECT max(version) FROM journal_schema");
        if (int.TryParse(version, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > SchemaVersion)
        {
            var what = $"it was written by a newer version of this program (schema {number}; this one knows {SchemaVersion})";
            throw Unavailable(what, "use that version, or choose another journal");
        }
    }
}
