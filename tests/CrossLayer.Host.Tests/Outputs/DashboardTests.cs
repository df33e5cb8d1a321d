using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;
using CrossLayer.Actors.Correlations;
using CrossLayer.Host.Outputs.Metrics;
using Xunit.Abstractions;

namespace CrossLayer.Host.Tests.Outputs;

/// <summary>Dashboard, rules and docs speak of metrics that a running server prints, and of no other.</summary>
public sealed partial class DashboardTests(ITestOutputHelper output)
{
    // Added by Prometheus when it scrapes, beside the metric 'up'.
    private static readonly string[] OfTarget = ["instance", "job"];

    private static readonly string Root = FindRoot();
    private static readonly string Rules = Path.Combine(Root, "config/prometheus/alerts.yml");

    [Fact]
    public async Task Every_expression_asks_for_metrics_labels_and_values_that_are_printed()
    {
        var page = await PageAsync();
        var panels = Panels().SelectMany(panel => panel.Queries).ToList();
        var rules = Alerts().ToList();
        Assert.True(panels.Count >= 30, $"{panels.Count} queries");
        Assert.True(rules.Count >= 8, $"{rules.Count} rules");

        var used = new HashSet<string>();
        foreach (var (text, shown) in panels.Concat(rules))
            used.UnionWith(Check(new Expression(text), shown, page));
        foreach (var query in Variables())
        {
            var parts = LabelValues().Match(query).Groups;
            Check(new Expression($"count by ({parts[2].Value}) ({parts[1].Value})"), "", page);
        }

        output.WriteLine($"shown by no panel and no rule: {string.Join(", ", MetricCatalogue.All.Select(metric => metric.Name).Where(name => !used.Contains(name)))}");
    }

    [Theory]
    [InlineData("rate(crosslayer_no_such_total[5m])")]
    [InlineData("crosslayer_probe_up{service=\"a\"}")]
    [InlineData("sum by (cause) (crosslayer_matches_total)")]
    [InlineData("crosslayer_correlations_total{verdict=\"unhealthy\"}")]
    public async Task An_expression_that_asks_for_what_is_not_printed_is_found(string text)
    {
        var page = await PageAsync();

        Assert.ThrowsAny<Xunit.Sdk.XunitException>(() => Check(new Expression(text), "", page));
    }

    [Fact]
    public void The_dashboard_can_be_imported_anywhere()
    {
        var root = Dashboard();

        Assert.Equal(JsonValueKind.Null, root.GetProperty("id").ValueKind);
        Assert.Equal("crosslayer-overview", root.GetProperty("uid").GetString());
        Assert.True(root.GetProperty("schemaVersion").GetInt32() >= 38);
        Assert.Contains(
            root.GetProperty("templating").GetProperty("list").EnumerateArray(), variable => variable.GetProperty("type").GetString() == "datasource");
        var panels = root.GetProperty("panels").EnumerateArray().ToList();
        Assert.Equal(panels.Count, panels.Select(panel => panel.GetProperty("id").GetInt32()).Distinct().Count());
        Assert.All(
            panels.Where(panel => panel.GetProperty("type").GetString() != "row"),
            panel => Assert.Equal("${datasource}", panel.GetProperty("datasource").GetProperty("uid").GetString()));
    }

    [RequiresToolFact("promtool")]
    public async Task Promtool_accepts_rules_and_configuration()
    {
        foreach (var words in (string[][])[["check", "rules", Rules], ["check", "config", Path.Combine(Root, "config/prometheus/prometheus.yml")]])
        {
            using var tool = Process.Start(new ProcessStartInfo(RequiresToolFactAttribute.PathOf("promtool")!, words) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            var text = await tool.StandardOutput.ReadToEndAsync() + await tool.StandardError.ReadToEndAsync();
            await tool.WaitForExitAsync();
            Assert.True(tool.ExitCode == 0, text);
        }
    }

    [Fact]
    public async Task The_page_of_metrics_in_the_docs_is_that_of_the_code()
    {
        var table = string.Concat(MetricCatalogue.All.Select(metric =>
            $"| `{metric.Name}` | {metric.Kind.ToString().ToLowerInvariant()} | {string.Join(", ", metric.Labels.Select(label => $"`{label}`"))} | {metric.Help} |\n"));
        var path = Path.Combine(Root, "docs/metrics.md");
        var docs = await File.ReadAllTextAsync(path);

        Assert.True(docs.Contains("| --- | --- | --- | --- |\n" + table, StringComparison.Ordinal), $"{path} should have this table:\n{table}");
    }

    private static HashSet<string> Check(Expression expression, string shown, MetricsText page)
    {
        var used = new HashSet<string>();
        var labels = new HashSet<string>(OfTarget);
        Assert.True(expression.Metrics.Count > 0, $"no metric in {expression.Text}");
        foreach (var (name, matchers) in expression.Metrics)
        {
            var samples = page.Samples.Where(sample => sample.Name == name).ToList();
            Assert.True(samples.Count > 0 || name == "up", $"{name} is not printed: {expression.Text}");
            used.Add(MetricCatalogue.All.FirstOrDefault(metric => Suffix().Replace(name, "") == metric.Name)?.Name ?? name);
            labels.UnionWith(samples.SelectMany(sample => sample.Labels.Keys));
            foreach (var (label, comparison, value) in matchers.Where(matcher => !OfTarget.Contains(matcher.Label)))
            {
                Assert.True(samples.Any(sample => sample.Labels.ContainsKey(label)), $"{name} has no label {label}: {expression.Text}");
                if (comparison is "=" or "!=")
                    Assert.True(samples.Any(sample => sample.Labels[label] == value), $"{name} has no {label} {value}: {expression.Text}");
            }
        }

        foreach (var label in expression.Grouped)
            Assert.True(labels.Contains(label), $"nothing has the label {label}: {expression.Text}");
        // What legends and annotations show must be left by the grouping.
        foreach (var label in Shown().Matches(shown).Select(match => match.Groups[1].Value + match.Groups[2].Value))
            Assert.True(expression.Grouped.Count > 0 ? expression.Grouped.Contains(label) : labels.Contains(label), $"{label} is shown of {expression.Text}");
        return used;
    }

    private static async Task<MetricsText> PageAsync()
    {
        await using var running = await RunningOutputs.StartAsync();
        running.Outputs.Observe(Correlated.Batch([Correlated.BothSides(1), .. Enum.GetValues<Cause>().Select((cause, i) => Correlated.Discrepant(i, cause))]));
        return MetricsText.Parse((await running.GetAsync("/metrics")).Text);
    }

    private static JsonElement Dashboard() => JsonDocument.Parse(File.ReadAllText(Path.Combine(Root, "config/grafana/crosslayer.json"))).RootElement;

    private static IEnumerable<(string Title, List<(string, string)> Queries)> Panels() => Dashboard().GetProperty("panels").EnumerateArray()
        .Where(panel => panel.TryGetProperty("targets", out _))
        .Select(panel => (panel.GetProperty("title").GetString()!, panel.GetProperty("targets").EnumerateArray()
            .Select(target => (target.GetProperty("expr").GetString()!, target.GetProperty("legendFormat").GetString()!)).ToList()));

    private static IEnumerable<string> Variables() => Dashboard().GetProperty("templating").GetProperty("list").EnumerateArray()
        .Where(variable => variable.GetProperty("type").GetString() == "query").Select(variable => variable.GetProperty("definition").GetString()!);

    // Enough of YAML for this one file: an expression is on its key's line, or on deeper ones below '>'.
    private static IEnumerable<(string Expression, string Shown)> Alerts() => File.ReadAllText(Rules).Split("- alert:").Skip(1).Select(rule =>
    {
        var lines = rule.Split('\n').ToList();
        var at = lines.FindIndex(line => line.TrimStart().StartsWith("expr:", StringComparison.Ordinal));
        var depth = lines[at].Length - lines[at].TrimStart().Length;
        var text = lines[at].Trim()["expr:".Length..].Trim().TrimStart('>');
        var below = lines.Skip(at + 1).TakeWhile(line => line.Length - line.TrimStart().Length > depth);
        return ($"{text} {string.Join(' ', below.Select(line => line.Trim()))}", string.Join('\n', lines.Where(line => line.Contains("$labels", StringComparison.Ordinal))));
    });

    private static string FindRoot()
    {
        for (var folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
            if (File.Exists(Path.Combine(folder, "CrossLayer.slnx")))
                return folder;
        throw new InvalidOperationException("the tests run outside the project's tree");
    }

    [GeneratedRegex("_(bucket|sum|count)$")]
    private static partial Regex Suffix();

    [GeneratedRegex(@"\{\{\s*(?:\$labels\.([a-z_]+)|([a-z_]+))\s*\}\}")]
    private static partial Regex Shown();

    [GeneratedRegex(@"^label_values\((\w+), (\w+)\)$")]
    private static partial Regex LabelValues();
}
