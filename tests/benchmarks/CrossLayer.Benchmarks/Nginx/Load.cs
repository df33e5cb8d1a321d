using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using CrossLayer.Benchmarks.Measuring;

namespace CrossLayer.Benchmarks.Nginx;

/// <summary>What a run of wrk with 32 connections gave.</summary>
/// <param name="Requests">Answered requests.</param>
/// <param name="Rate">Of them in a second.</param>
/// <param name="ServerNs">nginx's processor time for each.</param>
/// <param name="ClientNs">wrk's.</param>
internal sealed partial record Load(long Requests, double Rate, double ServerNs, double ClientNs)
{
    /// <summary>Loads nginx for so long.</summary>
    /// <exception cref="SkippedException">wrk is not here.</exception>
    internal static async Task<Load> RunAsync(NginxServer nginx, int seconds, CancellationToken cancellation)
    {
        var program = Tool.Find("wrk");
        var workers = nginx.Workers;
        var (before, endedBefore) = (ProcessTime.Ns(workers), ProcessTime.EndedChildrenNs());
        string[] arguments = ["-t1", "-c32", $"-d{seconds}s", $"http://127.0.0.1:{nginx.Port}/"];
        using var wrk = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
        var output = await wrk.StandardOutput.ReadToEndAsync(cancellation);
        await wrk.WaitForExitAsync(cancellation);
        var server = ProcessTime.Ns(workers) - before;
        var client = ProcessTime.EndedChildrenNs() - endedBefore;
        var summary = Summary().Match(output);
        if (!summary.Success || output.Contains("Non-2xx", StringComparison.Ordinal))
            throw new InvalidOperationException($"wrk says: {output}");
        var requests = long.Parse(summary.Groups[1].Value, CultureInfo.InvariantCulture);
        return new Load(requests, double.Parse(Rates().Match(output).Groups[1].Value, CultureInfo.InvariantCulture),
            (double)server / requests, (double)client / requests);
    }

    [GeneratedRegex(@"(\d+) requests in")]
    private static partial Regex Summary();

    [GeneratedRegex(@"Requests/sec:\s+([\d.]+)")]
    private static partial Regex Rates();
}
