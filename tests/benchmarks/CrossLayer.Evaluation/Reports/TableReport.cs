using CrossLayer.Evaluation.Scoring;

namespace CrossLayer.Evaluation;

/// <summary>The result as columns for a person.</summary>
internal static class TableReport
{
    internal static void Write(MatchingResult result, TextWriter output)
    {
        Columns(output,
            ["workload", "connections", "requests", "at once", "events made", "read", "lost", "port retries", "traffic s", "total s"],
            result.Runs.Select(run => new[]
            {
                run.Workload.Name, $"{run.Workload.Connections}", $"{run.Workload.Requests}", $"{run.Workload.Concurrency}",
                $"{run.Counters.Made}", $"{run.Counters.Read}", $"{run.Counters.Lost}", $"{run.RefusedPorts}",
                $"{run.Traffic.TotalSeconds:0.0}", $"{run.Total.TotalSeconds:0.0}",
            }));
        Columns(output, ["workload", "records hold", "from", "quality", "records", "right", "wrong", "ambiguous", "none", "target", "met", "s"],
            result.Rows.Select(row => new[]
            {
                row.Workload.Name, Names.Of(row.Variant.Content), Names.Of(row.Variant.Reporters), Names.Of(row.Variant.Quality),
                $"{row.Score.Reported}", Share(row, Outcome.Right), Share(row, Outcome.Wrong), Share(row, Outcome.Ambiguous),
                Share(row, Outcome.None), TargetOf(row.Target), MetOf(row), $"{row.Duration.TotalSeconds:0.0}",
            }));
        Columns(output, ["method", "confidence", "mean", "matches", "right", "share right", "95 % interval"],
            result.Calibration.Rows.Select(row =>
            {
                var interval = Wilson.Of(row.Right, row.Matches);
                return new[]
                {
                    Names.Of(row.Method), $"{row.From:0.00}-{row.To:0.00}", $"{row.Mean:0.000}", $"{row.Matches}", $"{row.Right}",
                    Names.Share(row.Right, row.Matches), $"{interval.Low:0.00000}-{interval.High:0.00000}",
                };
            }));

        if (result.Rows.Sum(row => row.Score.Counters.LateEvents) is > 0 and var late)
            output.WriteLine($"{late} kernel events came later than the pipeline allows for, and were applied out of order.");
        if (result.Rows.Sum(row => row.Score.Misassembled) is > 0 and var misassembled)
            output.WriteLine($"{misassembled} of the wrong records stand with their own exchange, with bytes too many or too few.");
        output.WriteLine(result.Missed.Count == 0 ? "all targets met" : $"{result.Missed.Count} targets missed:");
        foreach (var line in result.Missed)
            output.WriteLine($"  {line}");
    }

    private static string Share(MatchingRow row, Outcome outcome) => Names.Share(row.Score[outcome], row.Score.Reported);

    private static string MetOf(MatchingRow row) => row.Score.Failure is not null ? "FAILED" : row.Target.IsMet(row.Score) ? "yes" : "MISSED";

    private static string TargetOf(Target target) =>
        (target.Match is { } match ? $">= {match:0.0%}, " : "") + (target.Wrong == 0 ? "0 wrong" : $"<= {target.Wrong:0.0%} wrong");

    /// <summary>Numbers stand to the right.</summary>
    private static void Columns(TextWriter output, string[] titles, IEnumerable<string[]> rows)
    {
        string[][] all = [titles, .. rows];
        var widths = titles.Select((_, i) => all.Max(row => row[i].Length)).ToArray();
        foreach (var row in all)
            output.WriteLine(string.Join("  ", row.Select((cell, i) =>
                all.Skip(1).All(other => char.IsAsciiDigit(other[i][0])) ? cell.PadLeft(widths[i]) : cell.PadRight(widths[i]))).TrimEnd());
        output.WriteLine();
    }
}
