using CrossLayer.Actors.Correlations;
using CrossLayer.Actors.Journal;
using CrossLayer.Host.Demo.Cluster;

namespace CrossLayer.Evaluation.Cluster;

/// <summary>Whether what must hold has held, whatever was done to the cluster.</summary>
/// <param name="Asked">Ordinary requests.</param>
/// <param name="Whole">Those of them that were reported with four views.</param>
/// <param name="Inconclusive">Those without, that were reported as inconclusive.</param>
/// <param name="Unreported">Those that nobody reported: a daemon that had them was killed, or there was none.</param>
/// <param name="Unread">Responses that nobody read.</param>
/// <param name="Found">Those of them that were found as such.</param>
/// <param name="UnreadInconclusive">Those that were reported as inconclusive.</param>
/// <param name="UnreadUnreported">Those that nobody reported.</param>
/// <param name="Wrong">Verdicts that are wrong: an ordinary request that is discrepant, an unread response that is healthy or has another cause; a finding about a request that no application is said to have reported.</param>
/// <param name="Twice">Requests that were found discrepant more than once, on whichever hosts.</param>
/// <param name="Told">Discrepancies that daemons told of.</param>
/// <param name="Lost">Those of them that are in no journal of the host that told.</param>
/// <param name="Gaps">Numbers that are missing in a journal.</param>
/// <param name="SecondWriters">Second daemons on one journal that were let run.</param>
internal sealed record NemesisCheck(
    int Asked, int Whole, int Inconclusive, int Unreported, int Unread, int Found, int UnreadInconclusive, int UnreadUnreported,
    IReadOnlyList<Reported> Wrong, IReadOnlyList<Reported> Twice, int Told, int Lost, long Gaps, int SecondWriters)
{
    /// <summary>Nothing that must not be.</summary>
    internal bool Holds => Wrong.Count == 0 && Twice.Count == 0 && Lost == 0 && Gaps == 0 && SecondWriters == 0;

    /// <summary>Looks at everything.</summary>
    internal static async Task<NemesisCheck> OfAsync(Nemesis nemesis, IReadOnlyList<ClusterDemoHost> hosts, CancellationToken cancellation)
    {
        var reports = nemesis.Log.Reports.ToLookup(report => report.Key);
        var ordinary = nemesis.Log.Asked.Where(asked => asked.IsOrdinary).Select(asked => asked.Key).ToList();
        var unread = nemesis.Unread.Select(number => new RequestKey(default, number)).ToList();
        bool Has(RequestKey key, Func<Reported, bool> what) => reports[key].Any(what);

        var wrong = ordinary.SelectMany(key => reports[key]).Where(report => report.Verdict == Verdict.Discrepant)
            .Concat(unread.SelectMany(key => reports[key]).Where(report => report.Verdict == Verdict.Healthy
                || report is { Verdict: Verdict.Discrepant, Cause: not Cause.UnreadClose }))
            .Concat(nemesis.Log.Unnamed.Where(report => report.Cause != Cause.UnreadClose)).ToList();
        var discrepant = nemesis.Log.Reports.Where(report => report.Verdict == Verdict.Discrepant).ToList();
        var (lost, gaps) = await JournalsAsync(hosts, discrepant, cancellation);
        return new NemesisCheck(
            ordinary.Count,
            ordinary.Count(key => Has(key, report => report.HasFourViews)),
            ordinary.Count(key => !Has(key, report => report.HasFourViews) && Has(key, report => report.Verdict == Verdict.Inconclusive)),
            ordinary.Count(key => !reports[key].Any()),
            unread.Count,
            unread.Count(key => Has(key, report => report.Cause == Cause.UnreadClose)),
            unread.Count(key => !Has(key, report => report.Cause == Cause.UnreadClose) && Has(key, report => report.Verdict == Verdict.Inconclusive)),
            unread.Count(key => !reports[key].Any()),
            wrong,
            [.. discrepant.GroupBy(report => report.Key).Where(same => same.Count() > 1).SelectMany(same => same)],
            discrepant.Count,
            lost,
            gaps,
            nemesis.SecondWriters.Count(line => line == "RUNS"));
    }

    private static async Task<(int Lost, long Gaps)> JournalsAsync(IReadOnlyList<ClusterDemoHost> hosts, List<Reported> told, CancellationToken cancellation)
    {
        var (lost, gaps) = (0, 0L);
        foreach (var host in hosts)
        {
            var stored = new List<(string Writer, long SequenceNr, string Request)>();
            await foreach (var one in new DiscrepancyQuery(JournalSettings.At(Path.Combine(host.Folder, "journal.db"))).ReadAsync(cancellation: cancellation))
                stored.Add((one.Writer, one.SequenceNr, one.Correlation.RequestId.Text));
            var known = stored.GroupBy(one => one.Request).ToDictionary(same => same.Key, same => same.Count());
            foreach (var report in told.Where(report => report.Host == host.Name))
            {
                var text = $"{report.Key.Number}";
                if (known.GetValueOrDefault(text) == 0)
                    lost++;
                else
                    known[text]--;
            }

            gaps += await JournalGaps.CountAsync(Path.Combine(host.Folder, "journal.db"), cancellation);
        }

        return (lost, gaps);
    }
}
