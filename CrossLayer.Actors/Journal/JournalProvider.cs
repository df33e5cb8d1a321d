namespace CrossLayer.Actors.Journal;

/// <summary>The kinds of database that a journal can be in.</summary>
public enum JournalProvider
{
    /// <summary>A file.</summary>
    Sqlite,

    /// <summary>A server.</summary>
    PostgreSql,
}
