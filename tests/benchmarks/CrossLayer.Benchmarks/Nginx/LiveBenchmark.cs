using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using CrossLayer.Benchmarks.Measuring;

namespace CrossLayer.Benchmarks.Nginx;

/// <summary>The daemon beside nginx at full load, records from its access log: whether anything is lost.</summary>
internal sealed partial class LiveBenchmark : Benchmark
{
    private const string Daemon = "daemon beside nginx, both ends";
    private const string Nobody = "nginx alone";
    private const string Rate = "requests/s";
    private const string Lost = "% of events lost";
    private const string Decided = "% of requests with a verdict";

    /// <inheritdoc/>
    internal override string Name => "live";

    /// <inheritdoc/>
    internal override string Question => "the daemon beside nginx under wrk at full load: requests/s that are left, events lost";

    /// <inheritdoc/>
    internal override async Task<IReadOnlyList<Result>> RunAsync(BenchmarkContext context)
    {
        var log = context.Path("access.log");
        await using var nginx = await NginxServer.StartAsync(context, log);
        var seconds = context.Pick(3, 1);
        var rounds = await Rounds.RunAsync(context, context.Pick(3, 1),
        [
            new Arm(Nobody, async () => new Reading((Rate, (await Load.RunAsync(nginx, seconds, context.Cancellation)).Rate))),
            new Arm(Daemon, () => MeasureDaemon(context, nginx, log, seconds)),
        ], warmUp: false);
        return
        [
            rounds.Ratio(Name, Daemon, Nobody, Rate),
            rounds.Value(Name, Daemon, Lost, Target.AtMost(0.1), "lost in the ring and missed by the programs, of the events made"),
            rounds.Value(Name, Daemon, Decided, null, "of those that wrk counts; it does not count the 32 that it breaks off at its end, and nginx logs them"),
        ];
    }

    private static async Task<Reading> MeasureDaemon(BenchmarkContext context, NginxServer nginx, string log, int seconds)
    {
        var (outputs, ingest) = (NginxServer.FreePort(), NginxServer.FreePort());
        string[] settings =
        [
            $"outputs.http.listen=127.0.0.1:{outputs}", $"ingest.http.listen=127.0.0.1:{ingest}", "ingest.otlp-http.listen=off", "ingest.otlp-grpc.listen=off",
            $"probe.ports=[{nginx.Port}]", $"ingest.access-logs=[{{ path = \"{log}\", format = nginx }}]", $"journal.path={context.Path("live.db")}",
        ];
        var start = new ProcessStartInfo("dotnet", [BenchmarkContext.Program, "run", .. settings.SelectMany(setting => new[] { "--set", setting })])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = context.Work,
        };
        using var daemon = Process.Start(start)!;
        var said = Task.WhenAll(daemon.StandardOutput.ReadToEndAsync(CancellationToken.None), daemon.StandardError.ReadToEndAsync(CancellationToken.None));
        try
        {
            using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{outputs}") };
            if (!await ReadyAsync(http, daemon, context.Cancellation))
                throw new SkippedException($"the daemon is not ready: {string.Join(' ', await said).Trim()}");
            var before = await MetricsAsync(http, context.Cancellation);
            var load = await Load.RunAsync(nginx, seconds, context.Cancellation);
            await Task.Delay(TimeSpan.FromSeconds(3), context.Cancellation); // settle and lateness, and what waits
            var page = await MetricsAsync(http, context.Cancellation);
            double Grown(string name) => Total(page, name) - Total(before, name);
            return new Reading((Rate, load.Rate),
                (Lost, 100 * (Grown("kernel_events_lost") + Grown("kernel_events_missed")) / Grown("kernel_events_made")),
                (Decided, 100 * Grown("correlations") / load.Requests));
        }
        finally
        {
            if (!daemon.HasExited)
                Tool.Signal(daemon.Id, Tool.Term);
            await daemon.WaitForExitAsync(CancellationToken.None);
        }
    }

    private static async Task<bool> ReadyAsync(HttpClient http, Process daemon, CancellationToken cancellation)
    {
        for (var tries = 0; tries < 300 && !daemon.HasExited; tries++)
        {
            try
            {
                using var answer = await http.GetAsync(new Uri("/readyz", UriKind.Relative), cancellation);
                if (answer.IsSuccessStatusCode)
                    return true;
            }
            catch (HttpRequestException)
            {
                // It does not listen yet.
            }

            await Task.Delay(50, cancellation);
        }

        return false;
    }

    private static Task<string> MetricsAsync(HttpClient http, CancellationToken cancellation) => http.GetStringAsync(new Uri("/metrics", UriKind.Relative), cancellation);

    private static double Total(string page, string name) =>
        Sample().Matches(page).Where(sample => sample.Groups[1].Value == name).Sum(sample => double.Parse(sample.Groups[2].Value, CultureInfo.InvariantCulture));

    [GeneratedRegex(@"^crosslayer_(\w+)_total(?:\{[^}]*\})? (\S+)$", RegexOptions.Multiline)]
    private static partial Regex Sample();
}
