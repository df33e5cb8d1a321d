namespace CrossLayer.Actors.Tests.Journal;

/// <summary>The test classes that share a server, which none of them stops.</summary>
[CollectionDefinition(Name)]
public sealed class PostgresCollection : ICollectionFixture<PostgresServer>
{
    /// <summary>The collection's name.</summary>
    public const string Name = "PostgreSQL";
}
