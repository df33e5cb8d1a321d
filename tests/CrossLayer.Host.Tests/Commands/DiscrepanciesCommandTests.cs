using System.Text.Json;
using Akka.Actor;
using CrossLayer.Actors.Correlations;
using CrossLayer.Actors.Journal;
using CrossLayer.Actors.Requests;
using Microsoft.Data.Sqlite;

namespace CrossLayer.Host.Tests.Commands;

public sealed class DiscrepanciesCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Journal => _folder.File("journal.db");

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("--since yesterday", "--since is 'yesterday'; expected a time such as")]
    [InlineData("--until 5", "--until is '5'; expected a time such as")]
    [InlineData("--cause gremlins", "--cause is 'gremlins'; expected one of")]
    [InlineData("--min-confidence 2", "--min-confidence is '2'; expected a number from 0 to 1")]
    [InlineData("--limit -1", "--limit is '-1'; expected a whole number from 0 to")]
    [InlineData("-o xml", "-o is 'xml'; expected table, json or jsonl")]
    [InlineData("--journal /does/not/exist.db", "cannot use the journal /does/not/exist.db: there is no such file")]
    [InlineData("--config /does/not/exist.conf", "cannot read the configuration /does/not/exist.conf")]
    public async Task Bad_values_are_one_line_and_exit_code_2(string arguments, string expected)
    {
        var (exitCode, output, error) = await RunAsync(arguments.Split(' '));
        Assert.Equal(ExitCode.BadInput, exitCode);
        Assert.Empty(output);
        Assert.StartsWith("error: " + expected, error, StringComparison.Ordinal);
        Assert.Equal(1, error.Count(character => character == '\n'));
    }

    [Fact]
    public async Task Filters_take_what_they_name_and_a_limit_the_newest()
    {
        await WriteAsync(
            One("1", Cause.PathLoss, 0.9, "shop", "/orders"),
            One("2", Cause.Congestion, 0.6, "shop", "/orders/{id}"),
            One("3", Cause.SlowReader, 0.7, "bank", "/accounts"));
        Assert.Equal(["1", "2", "3"], await IdsAsync());
        Assert.Equal(["1", "3"], await IdsAsync("--cause", "path_loss", "--cause", "slow_reader"));
        Assert.Equal(["1", "2"], await IdsAsync("--service", "shop"));
        Assert.Equal(["1"], await IdsAsync("--route", "/orders"));
        Assert.Equal(["1", "2"], await IdsAsync("--route", "/orders*"));
        Assert.Equal(["1", "3"], await IdsAsync("--min-confidence", "0.65"));
        Assert.Equal(["2", "3"], await IdsAsync("--limit", "2"));
        Assert.Equal(["1", "2", "3"], await IdsAsync("--since", "2h"));
        Assert.Empty(await IdsAsync("--until", "2h"));
        Assert.Equal(["3"], await IdsAsync("--since", "1h", "--service", "bank", "--limit", "1"));
    }

    [Fact]
    public async Task A_configuration_says_where_the_journal_is()
    {
        await WriteAsync(One("1", Cause.PathLoss, 0.9, "shop", "/orders"));
        var config = _folder.File("some.conf", $"crosslayer.journal.path = \"{Journal}\"\n");
        var (exitCode, output, error) = await RunAsync("--config", config);
        Assert.Equal((ExitCode.Done, ""), (exitCode, error));
        Assert.Contains("path_loss", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("table")]
    [InlineData("json")]
    [InlineData("jsonl")]
    public async Task Events_that_cannot_be_read_are_said_and_fail_nothing(string format)
    {
        await WriteAsync(One("1", Cause.PathLoss, 0.9, "shop", "/a"), One("2", Cause.PathLoss, 0.9, "shop", "/a"), One("3", Cause.PathLoss, 0.9, "shop", "/a"));
        using (var connection = new SqliteConnection($"Data Source={Journal};Pooling=False"))
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = "UPDATE journal SET manifest = 'D7' WHERE ordering < 3";
            command.ExecuteNonQuery();
        }

        var (exitCode, output, error) = await RunAsync("--journal", Journal, "-o", format);
        Assert.Equal(ExitCode.Done, exitCode);
        Assert.StartsWith(
            "warning: 2 events of the journal cannot be read and were passed over; the first: row 1, event 1 of 'discrepancies': An event with manifest 'D7'", error, StringComparison.Ordinal);
        Assert.Equal(1, error.Count(character => character == '\n'));
        Assert.Contains("path_loss", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Summaries_are_a_row_for_each_route_of_an_interval()
    {
        var settings = JournalSettings.At(Journal);
        using (var system = ActorSystem.Create("writer", JournalConfiguration.For(settings)))
        {
            var summary = new IntervalSummary(
                60_000_000_000, 120_000_000_000,
                [
                    new RouteSummary("shop", "/a", 5, 2, 1, new Dictionary<Cause, long> { [Cause.PathLoss] = 2 }, new LatencySummary(1, 2, 3, 4)),
                    new RouteSummary("bank", "/b", 1, 0, 0, new Dictionary<Cause, long>(), null),
                ],
                9, 0);
            await system.StartJournal(settings).Ask<DiscrepancyJournal.Appended>(new DiscrepancyJournal.AppendSummary(summary), TimeSpan.FromSeconds(30));
            await system.Terminate();
        }

        var (exitCode, output, error) = await RunAsync("--journal", Journal, "--summaries", "-o", "json");
        Assert.Equal((ExitCode.Done, ""), (exitCode, error));
        var rows = JsonDocument.Parse(output).RootElement;
        Assert.Equal(2, rows.GetArrayLength());
        Assert.Equal((8, 2, 9), (rows[0].GetProperty("requests").GetInt32(), rows[0].GetProperty("causes").GetProperty("path_loss").GetInt32(), rows[0].GetProperty("lost_events").GetInt32()));
        var (_, lines, _) = await RunAsync("--journal", Journal, "--summaries", "-o", "jsonl", "--service", "bank");
        Assert.Equal("/b", JsonDocument.Parse(lines).RootElement.GetProperty("route").GetString());
        var (_, table, _) = await RunAsync("--journal", Journal, "--summaries");
        Assert.Contains("path_loss 2", table, StringComparison.Ordinal);
        Assert.Empty(await IdsAsync());
    }

    private static Correlation One(string id, Cause cause, double confidence, string service, string route) => new()
    {
        RequestId = new RequestId(id),
        ClosedAtNs = 1,
        ServerRecord = new RequestRecord { RequestId = new RequestId(id), LatencyMs = 1, Result = RequestResult.Success, Role = RequestRole.Server, Service = service, Route = route },
        Match = Match.None,
        Finding = new Finding { Verdict = Verdict.Discrepant, Cause = cause, Confidence = confidence, Reason = "Lost." },
        Ledger = Ledger.Empty,
    };

    private static async Task<(int ExitCode, string Output, string Error)> RunAsync(params string[] arguments)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        var exitCode = await Program.RunAsync(["discrepancies", .. arguments], output, error);
        return (exitCode, output.ToString(), error.ToString());
    }

    private async Task WriteAsync(params Correlation[] correlations)
    {
        var settings = JournalSettings.At(Journal);
        using var system = ActorSystem.Create("writer", JournalConfiguration.For(settings));
        await system.StartJournal(settings).Ask<DiscrepancyJournal.Appended>(new DiscrepancyJournal.Append(correlations), TimeSpan.FromSeconds(30));
        await system.Terminate();
    }

    private async Task<List<string>> IdsAsync(params string[] arguments)
    {
        var (exitCode, output, error) = await RunAsync(["--journal", Journal, "-o", "json", .. arguments]);
        Assert.Equal((ExitCode.Done, ""), (exitCode, error));
        return [.. JsonDocument.Parse(output).RootElement.EnumerateArray().Select(one => one.GetProperty("request_id").GetString()!)];
    }
}
