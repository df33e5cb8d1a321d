using Microsoft.Data.Sqlite;

namespace CrossLayer.Evaluation.Cluster;

/// <summary>Numbers that are missing between a writer's first event and its last.</summary>
internal static class JournalGaps
{
    internal static async Task<long> CountAsync(string path, CancellationToken cancellation)
    {
        await using var connection = new SqliteConnection($"Data Source={path};Mode=ReadOnly;Pooling=False");
        await connection.OpenAsync(cancellation);
        await using var command = connection.CreateCommand();
        command.CommandText = """
            SELECT coalesce(sum(span - events), 0) FROM
              (SELECT max(sequence_number) - min(sequence_number) + 1 AS span, count(*) AS events FROM journal GROUP BY persistence_id)
            """;
        return (long)(await command.ExecuteScalarAsync(cancellation))!;
    }
}
