using Akka.Actor;
using Akka.Configuration;
using Akka.Hosting;
using Akka.Persistence.Sql;
using CrossLayer.Actors.Recording;

namespace CrossLayer.Actors.Journal;

/// <summary>What an actor system needs to keep, or to read, the journal.</summary>
public static class JournalConfiguration
{
    /// <summary>
    /// Makes the journal's database ready, and gives the configuration of a system that writes and reads it. A
    /// configuration of the user's goes before this one: <c>user.WithFallback(JournalConfiguration.For(settings))</c>.
    /// </summary>
    /// <exception cref="JournalUnavailableException">The database cannot be written; the message says why and what to do.</exception>
    public static Config For(JournalSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        var database = JournalDatabase.Of(settings);
        database.Prepare();
        return Plugins(database, forReading: false);
    }

    /// <summary>The configuration of a system that only reads, also while another program writes.</summary>
    /// <exception cref="JournalUnavailableException">There is no journal, or it cannot be read.</exception>
    public static Config ForReading(JournalSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        var database = JournalDatabase.Of(settings);
        database.RequireJournal();
        return Plugins(database, forReading: true);
    }

    /// <summary>
    /// Adds the journal to a hosted actor system: its configuration, and its actor, to be had as
    /// <c>IRequiredActor&lt;DiscrepancyJournal&gt;</c> or from the registry.
    /// </summary>
    /// <exception cref="JournalUnavailableException">The database cannot be written; the message says why and what to do.</exception>
    public static AkkaConfigurationBuilder AddCrossLayerJournal(this AkkaConfigurationBuilder builder, JournalSettings settings)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder
            .AddHocon(For(settings), HoconAddMode.Append)
            .WithActors((system, registry) => registry.Register<DiscrepancyJournal>(system.StartJournal(settings)));
    }

    /// <summary>Starts the journal's actor in a system that has the configuration of <see cref="For"/>.</summary>
    public static IActorRef StartJournal(this ActorSystem system, JournalSettings settings)
    {
        ArgumentNullException.ThrowIfNull(system);
        return system.ActorOf(DiscrepancyJournalSupervisor.Props(settings), "discrepancy-journal");
    }

    /// <summary>Starts what keeps the journal within its bounds; see <see cref="JournalRetention"/>.</summary>
    public static IActorRef StartJournalRetention(this ActorSystem system, JournalSettings settings)
    {
        ArgumentNullException.ThrowIfNull(system);
        return system.ActorOf(JournalRetention.Props(settings), "journal-retention");
    }

    /// <summary>Starts what writes rolling summaries into the journal; see <see cref="SummaryActor"/>.</summary>
    public static IActorRef StartSummaries(this ActorSystem system, JournalSettings settings, IActorRef journal)
    {
        ArgumentNullException.ThrowIfNull(system);
        return system.ActorOf(SummaryActor.Props(settings, journal), "summaries");
    }

    // auto-initialize: the tables are made before the system starts; a plugin that cannot make them restarts without end.
    // batch-size: rows in one transaction. parallelism: SQLite has one writer at a time; more would wait for its lock.
    // db-round-trip-max-batch-size: rows in one statement, which is made as text. With SQLite there is no trip to spare, and a text of
    // a thousand rows costs more than it saves (measured: docs/performance.md, "What was changed").
    // tag modes: tags stand in the event's own row. In a table of their own, every 500 events of a query would sort all
    // events of the tag, and writing takes twice as long (measured: 17 k/s against 38 k/s).
    // replay-filter: events of two writers under one name are an error to be seen, not to be filtered away.
    // circuit-breaker: a write that has not ended by then has failed, as far as its sender knows. It never opens: the supervisor
    // waits by itself between its attempts.
    // query-delay and refresh-interval: how soon a query that has just begun sees how far the journal reaches.
    private static Config Plugins(JournalDatabase database, bool forReading)
    {
        var connection = $"""
            connection-string = {Quoted(database.ConnectionString(forReading))}
            provider-name = "{database.ProviderName}"
            auto-initialize = false
            """;
        return ConfigurationFactory.ParseString($$"""
            akka.actor {
              serializers.crosslayer-journal = "{{Name<JournalSerializer>()}}"
              serializers.crosslayer-recording = "{{Name<RecordingSerializer>()}}"
              serialization-bindings {
                "{{Name<DiscrepancyFound>()}}" = crosslayer-journal
                "{{Name<IntervalSummary>()}}" = crosslayer-journal
                "{{Name<Recording.Wire.Part>()}}" = crosslayer-recording
                "{{Name<Recording.Wire.InputBatch>()}}" = crosslayer-recording
                "{{Name<Recording.Wire.Gap>()}}" = crosslayer-recording
                "{{Name<Recording.Wire.End>()}}" = crosslayer-recording
              }
            }
            akka.persistence {
              journal.plugin = "akka.persistence.journal.sql"
              journal.sql {
                {{connection}}
                batch-size = 1000
                db-round-trip-max-batch-size = {{(database is SqliteJournal ? 20 : 1000)}}
                parallelism = 1
                tag-write-mode = Csv
                recovery-event-timeout = 10s
                replay-filter.mode = fail
                circuit-breaker {
                  max-failures = 1000000000
                  call-timeout = 10s
                }
              }
              query.journal.sql {
                {{connection}}
                tag-read-mode = Csv
                refresh-interval = 100ms
                journal-sequence-retrieval.query-delay = 100ms
              }
              snapshot-store.plugin = "akka.persistence.no-snapshot-store"
            }
            """).WithFallback(SqlPersistence.DefaultConfiguration);
    }

    private static string Name<T>() => $"{typeof(T).FullName}, {typeof(T).Assembly.GetName().Name}";

    private static string Quoted(string text) => '"' + text.Replace("\\", "\\\\").Replace("\"", "\\\"") + '"';
}
