using Microsoft.Data.Sqlite;

namespace CrossLayer.Tests;

/// <summary>The committed recording, as a journal.</summary>
internal static class RecordingFixture
{
    private static string Folder => Path.Combine(AppContext.BaseDirectory, "fixtures", "recording");

    /// <summary>The hash of its verdicts.</summary>
    public static string VerdictHash => File.ReadAllText(Path.Combine(Folder, "verdict_hash.txt")).Trim();

    /// <summary>Makes the journal.</summary>
    public static void WriteTo(string path)
    {
        using var connection = new SqliteConnection($"Data Source={path};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // the fixture's own text
        command.CommandText = File.ReadAllText(Path.Combine(Folder, "recording.sql"));
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }
}
