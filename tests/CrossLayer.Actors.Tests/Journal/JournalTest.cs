using System.Diagnostics;
using System.Globalization;
using Akka.Actor;
using Akka.Configuration;
using CrossLayer.Actors.Correlations;
using CrossLayer.Actors.Journal;
using Microsoft.Data.Sqlite;

namespace CrossLayer.Actors.Tests.Journal;

/// <summary>
/// A test on a journal of its own: a real file in a folder that is gone after the test, and actor systems that work on it.
/// </summary>
public abstract class JournalTest : IAsyncLifetime
{
    protected static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private readonly List<ActorSystem> _systems = [];

    private readonly PostgresServer? _server;

    /// <param name="server">Where databases on a server are made, for tests that have such.</param>
    protected JournalTest(PostgresServer? server = null) => (_server, Settings) = (server, JournalSettings.At(Path.Combine(Folder, "journal.db")));

    protected string Folder { get; } = Directory.CreateTempSubdirectory("crosslayer-journal-").FullName;

    protected JournalSettings Settings { get; set; }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await Stop();
        SqliteConnection.ClearAllPools();
        Directory.Delete(Folder, recursive: true);
    }

    /// <param name="overrides">Goes before the journal's configuration.</param>
    protected ActorSystem Start(Config? overrides = null)
    {
        var system = ActorSystem.Create("journal", (overrides ?? Config.Empty).WithFallback(JournalConfiguration.For(Settings)));
        _systems.Add(system);
        return system;
    }

    protected IActorRef StartJournal() => Start().StartJournal(Settings);

    protected async Task Stop()
    {
        foreach (var system in _systems)
            await system.Terminate();
        _systems.Clear();
    }

    protected static Task<DiscrepancyJournal.Appended> Append(IActorRef journal, params Correlation[] correlations) =>
        journal.Ask<DiscrepancyJournal.Appended>(new DiscrepancyJournal.Append(correlations), Patience);

    protected async Task<IReadOnlyList<StoredDiscrepancy>> Query(long after = 0, DiscrepancyFilter? filter = null) =>
        await All(new DiscrepancyQuery(Settings).ReadAsync(filter, after)).WaitAsync(Patience);

    protected static async Task<List<T>> All<T>(IAsyncEnumerable<T> source)
    {
        var all = new List<T>();
        await foreach (var one in source)
            all.Add(one);
        return all;
    }

    protected static async Task Eventually(Func<Task<bool>> condition)
    {
        var clock = Stopwatch.StartNew();
        while (!await condition())
        {
            if (clock.Elapsed > Patience)
                throw new TimeoutException("what was waited for has not come");
            await Task.Delay(20);
        }
    }

    protected static Task Eventually(Func<bool> condition) => Eventually(() => Task.FromResult(condition()));

    /// <summary>Restarts the program, so to speak, and reads the journal.</summary>
    protected async Task<IReadOnlyList<StoredDiscrepancy>> QueryAfterRestart()
    {
        await Stop();
        Start();
        return await Query();
    }

    /// <summary>Takes a new, empty database of this kind for the test; without it, the test has a SQLite file.</summary>
    protected void Use(JournalProvider provider)
    {
        if (provider == JournalProvider.PostgreSql)
            Settings = Settings with { Provider = provider, ConnectionString = _server!.NewDatabase() };
    }

    /// <summary>What another process would see in the database at this moment.</summary>
    protected T Sql<T>(string sql)
    {
        using var connection = JournalDatabase.Of(Settings).Connect(forReading: false);
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar() is { } value ? (T)Convert.ChangeType(value, typeof(T), CultureInfo.InvariantCulture) : default!;
    }
}
