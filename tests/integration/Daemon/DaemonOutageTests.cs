using System.Data.Common;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.Json;
using CrossLayer.Actors.Tests.Journal;
using CrossLayer.Tests;
using Microsoft.Data.Sqlite;
using Npgsql;
using Xunit.Abstractions;

namespace CrossLayer.Integration.Tests.Daemon;

/// <summary>
/// The journal goes away under load for CROSSLAYER_OUTAGE_SECONDS: the daemon says so, tells of nothing meanwhile, and has each
/// discrepancy once when it is back.
/// </summary>
public sealed class DaemonOutageTests(ITestOutputHelper output)
{
    private const string Discrepancies = "crosslayer_discrepancies_total";
    private const string Up = "crosslayer_journal_up";

    private static readonly TimeSpan Outage =
        TimeSpan.FromSeconds(double.Parse(Environment.GetEnvironmentVariable("CROSSLAYER_OUTAGE_SECONDS") ?? "5", CultureInfo.InvariantCulture));

    // The journal is tried again after 30 s at most.
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(150) + (Outage * 2);

    [RequiresPostgresFact]
    public async Task While_PostgreSQL_is_stopped_it_waits_and_has_each_discrepancy_once_afterwards()
    {
        var server = new PostgresServer();
        try
        {
            var connection = server.NewDatabase();
            using var program = new CrossLayerProgram { Limit = Limit };
            var file = program.FileIn("connection");
            await File.WriteAllTextAsync(file, connection);

            await ComesThroughAsync(program, ["journal.provider=postgresql", $"journal.connection-string-file=\"{file}\""], server.Stop, () => { }, server.Start);

            await using var journal = new NpgsqlConnection(connection + ";Pooling=false");
            await AssertWithoutGapsAsync(journal);
        }
        finally
        {
            await server.DisposeAsync();
        }
    }

    [RequiresKernelFact("nginx", "mount")]
    public async Task While_the_disk_is_full_it_waits_and_has_each_discrepancy_once_afterwards()
    {
        using var program = new CrossLayerProgram { Limit = Limit };
        using var disk = new SmallDisk(program.FileIn("results"));

        // What SQLite gives back to the disk meanwhile is taken as well.
        await ComesThroughAsync(program, ["journal.path=\"results/journal.db\""], disk.Fill, disk.Fill, disk.Free);

        await using var journal = new SqliteConnection($"Data Source={program.FileIn("results", "journal.db")};Mode=ReadOnly;Pooling=False");
        await AssertWithoutGapsAsync(journal);
    }

    private async Task ComesThroughAsync(CrossLayerProgram program, string[] journal, Action begin, Action goOn, Action end)
    {
        await using var nginx = await Nginx.StartAsync(program.Folder, "location = /short { return 200 \"short\\n\"; }", limit: Limit);
        // A ring that has room for what the kernel sees meanwhile, so that each response that nobody read is to be found.
        await using var daemon = await RunningDaemon.StartAsync(
            program, nginx.Port, ["probe.ring-size=64MiB", $"ingest.access-logs=[{{ path = \"{nginx.AccessLog}\", format = nginx }}]", .. journal]);
        var connected = new TaskCompletionSource();
        var stream = daemon.FollowAsync(connected);
        await connected.Task;
        using var stop = new CancellationTokenSource();
        var load = Load.RunAsync(new IPEndPoint(IPAddress.Loopback, nginx.Port), "/short", stop.Token, pauseMs: 25);
        await daemon.WaitForAsync(Discrepancies, "", 10);

        begin();
        var clock = Stopwatch.StartNew();
        for (; await daemon.MetricAsync(Up) > 0; await Task.Delay(50, CancellationToken.None))
        {
            Assert.True(clock.Elapsed < TimeSpan.FromSeconds(30), "it does not notice that it has no journal");
            goOn();
        }

        var before = await daemon.MetricAsync(Discrepancies);
        for (clock.Restart(); clock.Elapsed < Outage; await Task.Delay(100, CancellationToken.None))
        {
            goOn();
            Assert.Equal(0, await daemon.MetricAsync(Up));
            var (status, body) = await daemon.ReadyAsync();
            Assert.Equal(503, status);
            var check = JsonDocument.Parse(body).RootElement.GetProperty("checks").EnumerateArray().Single(one => one.GetProperty("name").GetString() == "journal");
            Assert.False(check.GetProperty("ok").GetBoolean());
        }

        Assert.Equal(before, await daemon.MetricAsync(Discrepancies));
        end();
        clock.Restart();
        await daemon.WaitForAsync(Up, "", 1);
        var back = clock.Elapsed;
        await daemon.WaitForAsync(Discrepancies, "", before + 100);
        Assert.Equal(200, (await daemon.ReadyAsync()).Status);
        await stop.CancelAsync();
        var unread = await load;
        await daemon.WaitForAsync(Discrepancies, "", unread);

        Assert.Equal(0, await daemon.MetricAsync("crosslayer_kernel_events_lost_total"));
        Assert.Equal(unread * (1 + Load.OrdinaryEach), await daemon.MetricAsync("crosslayer_records_accepted_total", "access_log"));
        await daemon.Program.SignalAsync("TERM");
        Assert.Equal(0, await daemon.Program.ExitAsync());
        Assert.Contains("is unavailable", daemon.Program.Printed, StringComparison.Ordinal);
        Assert.Contains("is available again", daemon.Program.Printed, StringComparison.Ordinal);

        var configuration = program.FileIn("journal.conf");
        await File.WriteAllLinesAsync(configuration, journal.Select(setting => "crosslayer." + setting));
        var stored = await program.RunAsync("discrepancies", "--config", configuration, "-o", "jsonl");
        Assert.True(stored.ExitCode == 0, stored.Error);
        var kept = stored.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => JsonDocument.Parse(line).RootElement.GetProperty("request_id").ToString()).ToList();
        var told = await stream;
        output.WriteLine($"away {Outage.TotalSeconds} s, written again {back.TotalSeconds:0.0} s after it was back; {unread} responses unread, {kept.Count} kept, {told.Count} streamed, {before} before");
        Assert.Equal(unread, kept.Count);
        Assert.Equal(unread, kept.Distinct().Count());
        Assert.Equal(told.Count, told.Distinct().Count());
        Assert.Empty(told.Except(kept));
    }

    private static async Task AssertWithoutGapsAsync(DbConnection journal)
    {
        await journal.OpenAsync();
        await using var command = journal.CreateCommand();
        command.CommandText = "SELECT persistence_id, sequence_number FROM journal ORDER BY 1, 2";
        await using var rows = await command.ExecuteReaderAsync();
        var numbers = new Dictionary<string, long>();
        while (await rows.ReadAsync())
        {
            var (writer, number) = (rows.GetString(0), rows.GetInt64(1));
            Assert.Equal(numbers.GetValueOrDefault(writer) + 1, number);
            numbers[writer] = number;
        }

        Assert.NotEmpty(numbers);
    }
}
