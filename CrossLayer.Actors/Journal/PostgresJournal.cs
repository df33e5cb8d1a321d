using System.Data.Common;
using System.Net.Sockets;
using Akka.Configuration;
using Npgsql;

namespace CrossLayer.Actors.Journal;

/// <summary>A journal in a PostgreSQL database. No message of it contains the password.</summary>
internal sealed class PostgresJournal(JournalSettings settings) : JournalDatabase(settings)
{
    // Any number will do that all versions of the program agree on.
    private const long SchemaLock = 25203;

    /// <inheritdoc/>
    public override string ProviderName => "PostgreSQL.15";

    /// <inheritdoc/>
    public override string True => "TRUE";

    /// <inheritdoc/>
    public override string NoBytes => "''";

    /// <inheritdoc/>
    protected override string Schema => """
        CREATE TABLE IF NOT EXISTS journal (
          ordering BIGSERIAL PRIMARY KEY,
          created BIGINT NOT NULL,
          deleted BOOLEAN NOT NULL,
          persistence_id VARCHAR(255) NOT NULL,
          sequence_number BIGINT NOT NULL,
          message BYTEA NOT NULL,
          tags VARCHAR(100) NULL,
          manifest VARCHAR(500) NULL,
          identifier INTEGER NULL,
          writer_uuid VARCHAR(128) NULL
        );
        CREATE UNIQUE INDEX IF NOT EXISTS journal_uq ON journal (persistence_id, sequence_number);
        CREATE INDEX IF NOT EXISTS journal_created_idx ON journal (created);
        """;

    /// <summary>Reads a connection string.</summary>
    /// <exception cref="ConfigurationException">It is not one; the message does not repeat it.</exception>
    public static NpgsqlConnectionStringBuilder Parse(string connectionString, string where)
    {
        try
        {
            var builder = new NpgsqlConnectionStringBuilder(connectionString);
            if (string.IsNullOrEmpty(builder.Host) || string.IsNullOrEmpty(builder.Database))
                throw new ConfigurationException($"{where} names no {(string.IsNullOrEmpty(builder.Host) ? "Host" : "Database")}: {Example}.");
            return builder;
        }
        catch (Exception malformed) when (malformed is ArgumentException or FormatException or KeyNotFoundException or InvalidCastException or OverflowException)
        {
            // The parser's own message repeats pieces of the text, and a piece may be of the password.
            throw new ConfigurationException($"{where} is not a connection string of PostgreSQL's: {Example}; a value with ; in it stands in single quotes.");
        }
    }

    private static string Example => "it looks like Host=127.0.0.1;Port=5432;Database=crosslayer;Username=crosslayer;Password=…";

    /// <summary>The database in messages: where it is, not who one is there.</summary>
    public static string NameOf(string connectionString)
    {
        var builder = new NpgsqlConnectionStringBuilder(connectionString);
        return $"postgresql://{builder.Host}:{builder.Port}/{builder.Database}";
    }

    /// <inheritdoc/>
    public override string ConnectionString(bool forReading)
    {
        var builder = new NpgsqlConnectionStringBuilder(Settings.ConnectionString) { PersistSecurityInfo = false, IncludeErrorDetail = false };
        builder.ApplicationName ??= "crosslayer";
        // A commit is on the server's disk before it is reported, whatever the server's default is.
        var options = forReading ? "-c default_transaction_read_only=on" : "-c synchronous_commit=on";
        builder.Options = string.IsNullOrEmpty(builder.Options) ? options : $"{builder.Options} {options}";
        if (!Given("Timeout"))
            builder.Timeout = Math.Max(1, (int)Settings.BusyTimeout.TotalSeconds);
        if (!Given("Command Timeout") && !Given("CommandTimeout"))
            builder.CommandTimeout = Math.Max(1, (int)Settings.BusyTimeout.TotalSeconds);
        return builder.ToString();

        bool Given(string key) => new DbConnectionStringBuilder { ConnectionString = Settings.ConnectionString }.ContainsKey(key);
    }

    /// <inheritdoc/>
    public override DbConnection Connect(bool forReading) =>
        new NpgsqlConnection(new NpgsqlConnectionStringBuilder(ConnectionString(forReading)) { Pooling = false }.ToString());

    /// <inheritdoc/>
    public override void Prepare() => Use(forReading: false, connection =>
    {
        if (Ask(connection, "SELECT pg_is_in_recovery()") == bool.TrueString)
            throw Unavailable("it is a standby, which cannot be written", "name the primary server");
        using var transaction = connection.BeginTransaction();
        // Two programs that start at the same time make the tables one after the other.
        Ask(connection, $"SELECT pg_advisory_xact_lock({SchemaLock})");
        PrepareSchema(connection);
        transaction.Commit();
    });

    /// <inheritdoc/>
    public override void RequireJournal() => Use(forReading: true, connection =>
    {
        if (!HasTable(connection, "journal"))
            throw Unavailable("it is a database without a journal", "let the daemon write one, or name another");
        CheckVersion(connection);
    });

    /// <inheritdoc/>
    public override string Reason(Exception? failure)
    {
        for (var one = failure; one is not null; one = one.InnerException)
        {
            if (one is PostgresException { SqlState: var state, MessageText: var text })
                return OneLine($"{text} ({state})");
        }

        return base.Reason(failure);
    }

    /// <inheritdoc/>
    protected override bool HasTable(DbConnection connection, string table) => Ask(connection, $"SELECT to_regclass('{table}') IS NOT NULL") == bool.TrueString;

    /// <inheritdoc/>
    protected override JournalUnavailableException Unavailable(string what, string mend, Exception? cause = null) =>
        new($"cannot use the journal {Settings.Name}: {what}; {mend} (crosslayer.journal.connection-string)", cause);

    /// <inheritdoc/>
    protected override JournalUnavailableException? Explain(Exception failure) => failure switch
    {
        PostgresException { SqlState: var state } => Unavailable(
            Reason(failure),
            state switch
            {
                PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification => "check user, password and pg_hba.conf",
                PostgresErrorCodes.InvalidCatalogName => "create it: createdb",
                PostgresErrorCodes.InsufficientPrivilege => "grant this user CREATE on the schema, or make it the database's owner",
                PostgresErrorCodes.DiskFull => "free some space",
                _ => "see the server's log",
            },
            failure),
        NpgsqlException or SocketException or TimeoutException or IOException =>
            Unavailable(Reason(failure), "see that the server runs and is reached from here", failure),
        _ => null,
    };

    private void Use(bool forReading, Action<DbConnection> use)
    {
        try
        {
            using var connection = Connect(forReading);
            connection.Open();
            use(connection);
        }
        catch (Exception refusal) when (Explain(refusal) is { } explained)
        {
            throw explained;
        }
    }
}
