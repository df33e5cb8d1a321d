using System.Data.Common;

namespace CrossLayer.Actors.Journal;

/// <summary>
/// The database beneath the journal: made ready before the actor system starts, so that what is wrong is said at once, and
/// asked what the storage library has no question for.
/// </summary>
/// <param name="settings">Which database.</param>
internal abstract class JournalDatabase(JournalSettings settings)
{
    /// <summary>The settings it was made from.</summary>
    protected JournalSettings Settings { get; } = settings;

    /// <summary>What the storage library calls this kind of database.</summary>
    public abstract string ProviderName { get; }

    /// <summary>The database of these settings.</summary>
    public static JournalDatabase Of(JournalSettings settings) => new SqliteJournal(settings);

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
    public virtual string Reason(Exception? failure)
    {
        var message = failure?.GetBaseException().Message ?? "no reason was given";
        return string.Join(' ', message.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)).TrimEnd('.');
    }

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

    /// <summary>Gives a command's parameter its value.</summary>
    protected static void Add(DbCommand command, string name, object value)
    {
        var parameter = command.CreateParameter();
        (parameter.ParameterName, parameter.Value) = (name, value);
        command.Parameters.Add(parameter);
    }
}
