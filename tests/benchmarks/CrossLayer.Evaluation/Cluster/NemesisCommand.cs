using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using CrossLayer.Host.Demo.Cluster;
using CrossLayer.Host.Lab;
using CrossLayer.Tests.Cluster;

namespace CrossLayer.Evaluation.Cluster;

/// <summary><c>nemesis</c>: what a cluster makes of kills, stops, partitions and clocks that jump.</summary>
internal static class NemesisCommand
{
    private const double TargetSeconds = 45;
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    public static Command Create()
    {
        var episodes = new Option<int>("--episodes") { Description = "How many; each five have each fault once.", DefaultValueFactory = _ => 100 }.OrMore(1);
        var seed = new Option<int>("--seed") { Description = "The same seed gives the same faults in the same order.", DefaultValueFactory = _ => 1 };
        var output = new Option<string>("--output") { Description = "A folder for the result and all files: a new or an empty one.", DefaultValueFactory = _ => "results/nemesis" };
        var fault = new Option<NemesisFault?>("--fault") { Description = "Only this one." };
        var restart = new Option<double>("--restart-after") { Description = "How many seconds after its end a daemon is started again.", DefaultValueFactory = _ => 1 }.OrMore(0);
        var command = new Command("nemesis", "Kills, stops, cuts off and sets the clocks of a cluster's members, encrypted, under traffic, and checks what must hold (needs root).")
        {
            episodes, seed, fault, restart, output,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            try
            {
                return await RunAsync([.. NemesisEpisode.Plan(parsed.GetValue(episodes), parsed.GetValue(seed), parsed.GetValue(fault))], parsed.GetValue(seed),
                    TimeSpan.FromSeconds(parsed.GetValue(restart)), Path.GetFullPath(parsed.GetRequiredValue(output)), parsed.InvocationConfiguration.Output, cancellation);
            }
            catch (LabException exception)
            {
                await parsed.InvocationConfiguration.Error.WriteLineAsync($"error: {exception.Message}");
                return 3;
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                await parsed.InvocationConfiguration.Error.WriteLineAsync($"error: --output: {exception.Message}");
                return 2;
            }
        });
        return command;
    }

    private static async Task<int> RunAsync(
        IReadOnlyList<NemesisEpisode> episodes, int seed, TimeSpan restartAfter, string folder, TextWriter output, CancellationToken cancellation)
    {
        // What is in it already is somebody's, and would be taken for this run's.
        if (Directory.CreateDirectory(folder).EnumerateFileSystemInfos().Any())
            throw new IOException($"{folder} is not empty: choose another, or remove it");
        var clocks = await HostClocks.CreateAsync(folder, cancellation);
        var results = new List<(NemesisEpisode Episode, TimeSpan? Whole)>();
        var tls = Path.Combine(folder, "tls");
        TestAuthority.Write(tls, "members");
        await using var demo = await ClusterDemo.StartAsync(folder, TestAuthority.Settings(tls), clocks.Through, cancellation);
        var nemesis = new Nemesis(demo, clocks, folder);
        NemesisCheck check;
        int restarts;
        await using (var supervisor = new Supervisor(demo.Hosts, restartAfter))
        {
            foreach (var episode in episodes)
            {
                var whole = await nemesis.RunAsync(episode, cancellation);
                results.Add((episode, whole));
                await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture,
                    $"{episode.Number,4} {episode.Fault,-9} {demo.Hosts[episode.Victim].Name,-8} {What(episode),-12} {(whole is { } time ? $"whole again after {time.TotalSeconds:0.0} s" : "NOT whole again")}"));
                await output.FlushAsync(cancellation);
            }

            if (!await nemesis.SettleAsync(TimeSpan.FromMinutes(3), cancellation))
                await output.WriteLineAsync("some halves still wait for other hosts");
            check = await NemesisCheck.OfAsync(nemesis, demo.Hosts, cancellation);
            restarts = supervisor.Restarts;
        }

        await WriteAsync(results, check, restarts, output);
        await File.WriteAllTextAsync(Path.Combine(folder, "nemesis.json"), JsonSerializer.Serialize(
            new { seed, restarts, episodes = results.Select(one => new { one.Episode.Number, Fault = one.Episode.Fault.ToString(), Member = demo.Hosts[one.Episode.Victim].Name, one.Whole }), check }, Indented), cancellation);
        var isFast = Percentile(results.Select(one => one.Whole), 0.95) <= TargetSeconds;
        return check.Holds && isFast ? 0 : 1;
    }

    private static string What(NemesisEpisode episode) => episode.Fault switch
    {
        NemesisFault.Kill => "",
        NemesisFault.Skew => string.Create(CultureInfo.InvariantCulture, $"to {episode.SkewSeconds:+0.0;-0.0} s"),
        NemesisFault.OneWay => string.Create(CultureInfo.InvariantCulture, $"{(episode.Inward ? "deaf" : "mute")} {episode.Lasts.TotalSeconds:0} s"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{episode.Lasts.TotalSeconds:0} s"),
    };

    private static async Task WriteAsync(List<(NemesisEpisode Episode, TimeSpan? Whole)> results, NemesisCheck check, int restarts, TextWriter output)
    {
        await output.WriteLineAsync();
        await output.WriteLineAsync("fault       episodes   whole again after, s: median   95th percentile   longest");
        foreach (var group in results.GroupBy(one => $"{one.Episode.Fault}").OrderBy(group => group.Key).Append(results.GroupBy(_ => "all").Single()))
        {
            double Of(double share) => Percentile(group.Select(one => one.Whole), share);
            await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{group.Key,-10} {group.Count(),9} {Of(0.5),29:0.0} {Of(0.95),17:0.0} {Of(1),9:0.0}"));
        }

        await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"""

            daemons started again: {restarts}
            ordinary requests: {check.Asked}; with four views {check.Whole}, inconclusive {check.Inconclusive}, not reported {check.Unreported}
            responses never read: {check.Unread}; found {check.Found}, inconclusive {check.UnreadInconclusive}, not reported {check.UnreadUnreported}
            wrong verdicts: {check.Wrong.Count}
            found twice: {check.Twice.Count}
            told and not in the journal: {check.Lost} of {check.Told}
            numbers missing in journals: {check.Gaps}
            second daemons on one journal that were let run: {check.SecondWriters}
            """));
        foreach (var report in check.Wrong.Concat(check.Twice).Take(20))
            await output.WriteLineAsync($"  {report.Host} {report.Key.Number} {report.Verdict} {report.Cause}: {report.Reason}");
    }

    /// <summary>In seconds; infinite where so many were not whole again.</summary>
    private static double Percentile(IEnumerable<TimeSpan?> times, double share)
    {
        double[] sorted = [.. times.Select(time => time?.TotalSeconds ?? double.PositiveInfinity).Order()];
        return sorted[Math.Max(0, (int)Math.Ceiling(share * sorted.Length) - 1)];
    }
}
