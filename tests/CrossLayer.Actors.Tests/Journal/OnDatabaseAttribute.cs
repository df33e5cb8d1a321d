using System.Reflection;
using CrossLayer.Actors.Journal;
using Xunit.Sdk;

namespace CrossLayer.Actors.Tests.Journal;

/// <summary>Runs a theory on a kind of database: skipped, with the reason, where there is none.</summary>
[AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
public abstract class OnDatabaseAttribute(JournalProvider provider) : DataAttribute
{
    /// <summary>The kind.</summary>
    public JournalProvider Provider { get; } = provider;

    public override IEnumerable<object[]> GetData(MethodInfo testMethod) => [[Provider]];
}

/// <summary>On a SQLite file.</summary>
public sealed class OnSqliteAttribute() : OnDatabaseAttribute(JournalProvider.Sqlite);

/// <summary>On a PostgreSQL server that the tests start.</summary>
public sealed class OnPostgresAttribute : OnDatabaseAttribute
{
    /// <inheritdoc cref="OnPostgresAttribute"/>
    public OnPostgresAttribute()
        : base(JournalProvider.PostgreSql) => Skip = PostgresServer.Missing;
}
