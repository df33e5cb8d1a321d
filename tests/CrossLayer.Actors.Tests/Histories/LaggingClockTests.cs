using CrossLayer.Actors.Correlations;
using CrossLayer.Actors.Requests;

namespace CrossLayer.Actors.Tests.Histories;

public class LaggingClockTests
{
    private const int Seeds = 20;
    private const int Connections = 8;
    private const int RequestsOfAConnection = 60;

    [Fact]
    public void Places_find_the_requests_of_a_server_whose_clock_stands_still_now_and_then()
    {
        var wrong = Enumerable.Range(1, Seeds).SelectMany(seed => Faults(seed, missing: 0, clientReports: false)).ToList();

        Assert.True(wrong.Count == 0, string.Join('\n', wrong.Take(12)));
    }

    [Fact]
    public void They_find_them_though_the_client_reports_in_time()
    {
        var wrong = Enumerable.Range(1, Seeds).SelectMany(seed => Faults(seed, missing: 0, clientReports: true)).ToList();

        Assert.True(wrong.Count == 0, string.Join('\n', wrong.Take(12)));
    }

    [Fact]
    public void Where_others_are_not_reported_they_find_most_and_no_other()
    {
        var faults = Enumerable.Range(1, Seeds).SelectMany(seed => Faults(seed, missing: 20, clientReports: false)).ToList();

        Assert.DoesNotContain(faults, fault => !fault.Contains("has none", StringComparison.Ordinal));
        // Behind the last record that is in time, a request that nobody reports leaves the places of the rest open.
        Assert.InRange(faults.Count, 0, Seeds * Connections * RequestsOfAConnection / 100);
    }

    /// <summary>Serial requests of one size over many connections at once.</summary>
    private static IEnumerable<string> Faults(int seed, int missing, bool clientReports)
    {
        var random = new Random(seed);
        var histories = Enumerable.Range(0, Connections).Select(i => Serial(random, i)).ToList();
        var clock = new LaggingClock(random, histories.Max(history => history.NowNs));
        var requests = histories.SelectMany(history => history.Requests).ToList();
        var records = requests.Where(_ => missing == 0 || random.Next(missing) > 0).Select(told => clock.Record(told, Reporting.Ordinals)).ToList();
        if (clientReports)
            records.AddRange(requests.Select(told => told.Record(RequestRole.Client, Reporting.Ordinals, clockNs: 2_000)));

        var correlations = PlainPipeline.Run(histories.SelectMany(history => history.Events()).OrderBy(e => e.TimestampNs), [.. records]);

        var told = requests.ToDictionary(request => RequestId.From(request.Id));
        foreach (var c in correlations)
            if (c.ServerRecord is { } record && (c.ServerExchange is not { } exchange
                || (exchange.SocketCookie, exchange.Request, exchange.Response) != (told[record.RequestId].ClientCookie + 1, told[record.RequestId].Request, told[record.RequestId].Response)))
                yield return $"seed {seed}: {record.RequestId} of {told[record.RequestId].Request} has {c.ServerExchange?.Request.ToString() ?? "none"}: {c.Match} {c.Finding.Reason}";
            else if (missing == 0 && c.Finding.Cause is Cause.UnbackedRecord or Cause.UnclaimedExchange)
                yield return $"seed {seed}: {c.RequestId} is {c.Finding.Cause}: {c.Finding.Reason}";
        if (correlations.Count(c => c.ServerRecord is not null) != records.Count(record => record.Record.Role == RequestRole.Server))
            yield return $"seed {seed}: a record has no correlation, or two";
    }

    private static History Serial(Random random, int connection)
    {
        var history = new History(random, 40_000 + connection, (ulong)(1000 + (2 * connection)), connection * 1000, 1_000_000 + random.NextInt64(2_000_000));
        var (least, most) = random.Next(2) == 0 ? (10_000, 6_000_000) : (4_000_000, 9_000_000);
        for (var i = 0; i < RequestsOfAConnection; i++)
        {
            history.Ask(41, 152);
            history.Wait(random.NextInt64(least, most));
        }

        history.Close();
        return history;
    }
}
