using System.Globalization;
using System.Text.Json;
using CrossLayer.Tests;
using Microsoft.Data.Sqlite;

namespace CrossLayer.Integration.Tests.Recording;

/// <summary>Recordings of the real program on real traffic, and their replays.</summary>
public class RecordingTests
{
    [RequiresKernelFact]
    public async Task A_replay_of_the_demo_says_what_the_demo_said_each_time()
    {
        using var program = new CrossLayerProgram();
        var demo = await program.RunAsync("demo", "--record", "--requests", "53");
        Assert.True(demo.ExitCode == 0, demo.Output + demo.Error);

        var first = await ReplayAsync(program, "--output", "first.json");
        var second = await ReplayAsync(program, "--output", "second.json");

        var live = await File.ReadAllTextAsync(program.FileIn("results", "cross_layer", "correlations.jsonl"));
        Assert.Equal(57, live.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.Equal(live, await File.ReadAllTextAsync(program.FileIn("first.jsonl")));
        Assert.Equal(live, await File.ReadAllTextAsync(program.FileIn("second.jsonl")));
        Assert.Equal(first.GetProperty("verdict_hash").GetString(), second.GetProperty("verdict_hash").GetString());
        var changed = first.GetProperty("changed");
        Assert.Equal((4, 4), (changed.GetProperty("in_the_journal").GetInt32(), changed.GetProperty("unchanged").GetInt32()));
        Assert.Equal(0, changed.GetProperty("requests").GetArrayLength());
        Assert.Equal(0, first.GetProperty("sessions")[0].GetProperty("gaps").GetInt32());

        var slow = await ReplayAsync(program, "--set", "slow=0.001ms");
        Assert.NotEqual(first.GetProperty("verdict_hash").GetString(), slow.GetProperty("verdict_hash").GetString());
        Assert.InRange(slow.GetProperty("changed").GetProperty("newly_found").GetInt32(), 1, 53);
    }

    /// <summary>How often is CROSSLAYER_KILLS.</summary>
    [RequiresKernelFact]
    public async Task A_recording_that_was_killed_can_be_read_up_to_what_was_on_the_disk()
    {
        var kills = int.Parse(Environment.GetEnvironmentVariable("CROSSLAYER_KILLS") ?? "4", CultureInfo.InvariantCulture);
        using var program = new CrossLayerProgram();
        var random = new Random(1);
        for (var kill = 0; kill < kills; kill++)
        {
            var onDisk = 0L;
            await using (await program.StartAsync("sending", "demo", "--record", "--requests", "100000"))
            {
                // From the first row on, at any point of writing the next ones.
                var rows = Rows(program) + random.Next(2, 9);
                SpinWait.SpinUntil(() => (onDisk = Rows(program)) >= rows, TimeSpan.FromSeconds(20));
                await Task.Delay(random.Next(0, 250));
                onDisk = Rows(program);
            }

            var sessions = JsonDocument.Parse((await program.RunAsync("replay", "--list", "-o", "json")).Output).RootElement;
            Assert.Equal(kill + 1, sessions.GetArrayLength());
            Assert.Equal(JsonValueKind.Null, sessions[kill].GetProperty("ended_unix_ns").ValueKind);

            var session = (await ReplayAsync(program)).GetProperty("sessions")[0];
            Assert.Equal((0, 0, false), (session.GetProperty("gaps").GetInt32(), session.GetProperty("unreadable_rows").GetInt32(), session.GetProperty("ended").GetBoolean()));
            Assert.InRange(Rows(program), onDisk, long.MaxValue);
            Assert.Equal(Rows(program, "AND sequence_number >= (SELECT max(sequence_number) FROM journal WHERE manifest = 'RH1' AND persistence_id LIKE '%-recording')"),
                session.GetProperty("rows").GetInt64());
        }
    }

    private static async Task<JsonElement> ReplayAsync(CrossLayerProgram program, params string[] arguments)
    {
        var (exitCode, output, error) = await program.RunAsync(["replay", "-o", "json", .. arguments]);
        Assert.True(exitCode == 0, error);
        return JsonDocument.Parse(output).RootElement;
    }

    private static long Rows(CrossLayerProgram program, string and = "")
    {
        var path = program.FileIn("results", "journal.db");
        if (!File.Exists(path))
            return 0;
        using var connection = new SqliteConnection($"Data Source={path};Mode=ReadOnly;Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // the test's own text
        command.CommandText = $"SELECT count(*) FROM journal WHERE persistence_id LIKE '%-recording' {and}";
#pragma warning restore CA2100
        try
        {
            return (long)command.ExecuteScalar()!;
        }
        catch (SqliteException)
        {
            return 0; // no table yet
        }
    }
}
