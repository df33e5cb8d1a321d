using CrossLayer.Host.Analysis.Summaries;

namespace CrossLayer.Host.Analysis.Report;

/// <summary>What a summary has to say, as a report: <c>report.html</c> and <c>report.md</c>.</summary>
internal sealed class AnalysisReport
{
    private readonly string _title;
    private readonly string _headline;
    private readonly List<Section> _sections;

    /// <summary>The report of a summary.</summary>
    public AnalysisReport(AnalysisSummary summary)
    {
        _headline = summary.Headline;
        _title = summary.Experiment is null ? "CrossLayer: a recording" : "CrossLayer: an experiment with known faults";
        _sections = summary.Experiment is { } experiment
            ?
            [
                .. experiment.Scopes.Select(scope => DetectionSection.Of(scope, experiment)),
                OtherSections.Calibration(experiment),
                OtherSections.FalseAlarms(experiment),
                OtherSections.Injections(experiment),
            ]
            : [];
        _sections.Add(OtherSections.Metrics(summary.Metrics));
        if (summary.Costs is { } costs)
            _sections.Add(OtherSections.Costs(costs));
        if (summary.Experiment is { } known)
            _sections.AddRange([OtherSections.Targets(known), MethodSections.Methods(known), MethodSections.Threats()]);
    }

    /// <summary>As one HTML file.</summary>
    public string ToHtml() => HtmlReport.Of(_title, _headline, _sections);

    /// <summary>As Markdown, without plots.</summary>
    public string ToMarkdown() => MarkdownReport.Of(_title, _headline, _sections);
}
