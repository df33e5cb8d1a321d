using System.Globalization;
using CrossLayer.Benchmarks.Measuring;

namespace CrossLayer.Benchmarks.Reports;

/// <summary>The results for people: a Markdown table.</summary>
internal static class TableReport
{
    internal static void Write(SuiteReport report, TextWriter output)
    {
        var machine = report.Machine;
        output.WriteLine(Text($"{machine.At:yyyy-MM-dd HH:mm} UTC, commit {machine.Commit}, Linux {machine.Kernel}, {machine.Processors} processors, {machine.Runtime}{(report.IsQuick ? ", quick" : "")}"));
        output.WriteLine(Text($"Load average {machine.Load:0.0} before, {report.LoadAtEnd:0.0} after. Medians, with the range of the rounds in brackets; ratios are taken within a round."));
        output.WriteLine();
        string[] heads = ["benchmark", "measured", "against", "figure", "its reference", "ratio", "target", ""];
        List<string[]> rows = [heads, .. report.Results.Select(Row)];
        var widths = heads.Select((_, column) => Math.Max(3, rows.Max(row => row[column].Length))).ToArray();
        foreach (var row in rows)
        {
            output.WriteLine(Line(row.Select((cell, column) => cell.PadRight(widths[column]))));
            if (row == heads)
                output.WriteLine(Line(widths.Select(width => new string('-', width))));
        }

        output.WriteLine();
        foreach (var result in report.Results.Where(result => result.Note is not null))
            output.WriteLine($"- {result.Benchmark}, {result.Subject}: {result.Note}");
        foreach (var (benchmark, reason) in report.Skipped)
            output.WriteLine($"- {benchmark}: skipped: {reason}");
        foreach (var (benchmark, reason) in report.Failures)
            output.WriteLine($"- {benchmark}: FAILED: {reason}");
        var met = report.Results.Count(result => result.IsMet == true);
        output.WriteLine();
        output.WriteLine(Text($"{met} of {report.Results.Count(result => result.Target is not null)} targets met, {report.Skipped.Count} skipped, {report.Failures.Count} failed, {report.Seconds.Sum(one => one.Seconds):0} s."));
    }

    /// <summary>Three digits that count.</summary>
    internal static string Number(double value)
    {
        var size = Math.Abs(value);
        var format = size switch { 0 => "0", >= 100 => "#,0", >= 10 => "0.0", >= 1 => "0.00", >= 0.1 => "0.000", _ => "0.0000" };
        return value.ToString(format, CultureInfo.InvariantCulture);
    }

    private static string[] Row(Result result) =>
    [
        result.Benchmark, result.Subject, result.Reference ?? "", $"{Cell(result.Values)} {result.Measure}",
        result.ReferenceValues is { } reference ? Cell(reference) : "", result.Ratio is { } ratio ? Cell(ratio) : "", result.Target?.ToString() ?? "",
        result.IsMet switch { true => "met", false => "NOT met", null => "" },
    ];

    private static string Cell(Spread spread) => spread.Runs == 1 || spread.Least.Equals(spread.Most)
        ? Number(spread.Median)
        : $"{Number(spread.Median)} [{Number(spread.Least)}-{Number(spread.Most)}]";

    private static string Line(IEnumerable<string> cells) => $"| {string.Join(" | ", cells)} |";

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
