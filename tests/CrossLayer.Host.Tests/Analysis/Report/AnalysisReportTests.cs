using System.Xml;
using System.Xml.Linq;
using CrossLayer.Host.Analysis.Report;
using CrossLayer.Host.Analysis.Summaries;

namespace CrossLayer.Host.Tests.Analysis.Report;

public sealed class AnalysisReportTests
{
    private static readonly string[] Loading = ["script", "link", "img", "iframe", "object", "embed", "image", "use", "a"];

    private static readonly AnalysisReport Whole = Of(ExperimentAnalysis.Of(SyntheticExperiment.Make(), 0.001, null));

    private static readonly AnalysisReport Small = Of(ExperimentAnalysis.Of(LiteralExperiment.Whole, 0.001, null));

    [Fact]
    public void The_report_is_well_formed_and_loads_nothing()
    {
        var html = Whole.ToHtml();
        var document = Parse(html);

        Assert.DoesNotContain(document.Descendants(), element => Loading.Contains(element.Name.LocalName));
        Assert.DoesNotContain(document.Descendants().Attributes(), attribute => attribute.Name.LocalName is "src" or "href" or "srcset");
        Assert.DoesNotContain("url(http", html, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("@import", html, StringComparison.OrdinalIgnoreCase);
        // Names of namespaces are no addresses to load from; there are no others.
        Assert.All(Occurrences(html, "http"), at => Assert.StartsWith("http://www.w3.org/", html[at..], StringComparison.Ordinal));
    }

    [Fact]
    public void Every_figure_names_the_file_and_field_that_it_comes_from()
    {
        var figures = Parse(Whole.ToHtml()).Descendants("figure").ToList();

        Assert.True(figures.Count > 30);
        Assert.All(figures, figure => Assert.Matches("^from (summary.json: |episodes.csv: )", figure.Elements("p").Single().Value));
    }

    [Fact]
    public void Plots_have_text_of_their_own()
    {
        var plots = Parse(Whole.ToHtml()).Descendants().Where(element => element.Name.LocalName == "svg").ToList();

        // Two for each of three kinds of episodes, and the calibration.
        Assert.Equal(7, plots.Count);
        Assert.All(plots, plot => Assert.Contains(plot.Descendants(), element => element.Name.LocalName == "text" && element.Value == "cross_layer"));
    }

    [Fact]
    public void References_of_a_plot_are_to_itself()
    {
        var document = Parse(Whole.ToHtml());
        var ids = document.Descendants().Attributes("id").Select(attribute => attribute.Value).ToList();
        var plots = document.Descendants().Where(element => element.Name.LocalName == "svg").ToList();

        Assert.NotEmpty(ids);
        Assert.Equal(ids.Count, ids.Distinct().Count());
        Assert.All(plots, plot => Assert.All(
            plot.Descendants().Attributes().Where(attribute => attribute.Value.StartsWith("url(", StringComparison.Ordinal)),
            reference => Assert.Contains(plot.Descendants().Attributes("id"), id => reference.Value == $"url(#{id.Value})")));
    }

    [Fact]
    public void The_heat_map_shows_recall_by_scenario()
    {
        var table = Parse(Small.ToHtml()).Descendants("figure").First(figure => figure.Element("figcaption")!.Value.StartsWith("Who sees what", StringComparison.Ordinal));
        var rows = table.Descendants("tr").Select(row => row.Elements().Select(cell => cell.Value).ToList()).ToList();

        Assert.Equal(["detector", "looks at", "congestion (1)", "path_loss (2)"], rows[0]);
        Assert.Equal(["cross_layer", "cross_layer", "67\u00a0%2/3", "67\u00a0%2/3"], rows[4]);
        Assert.Equal(["status", "application", "67\u00a0%2/3", "33\u00a0%1/3"], rows[1]);
    }

    [Fact]
    public void Words_stand_at_the_left_figures_at_the_right_and_intervals_in_one_piece()
    {
        var table = new Table("caption", "source", ["name", "words", "figures", "delays"],
            [["1", "met", "61.5 % (35.5–82.3)", "not reached"], ["2", "–", "–", "not reached"], ["3", "80 % (NetMedic), 90 % (Nezha)", "", "1.00 s"], ["4", "no data", "3", "2.00 s"]]);
        var rows = Parse(HtmlReport.Of("title", "headline", [new Section("section", [table])])).Descendants("tr").Select(row => row.Elements().ToList()).ToList();

        Assert.All(rows, row => Assert.Equal(["text", "text", null, null], row.Select(cell => cell.Attribute("class")?.Value)));
        Assert.Equal(("61.5\u00a0% (35.5–82.3)", "(35.5–82.3)"), (rows[1][2].Value, rows[1][2].Element("span")!.Value));
        Assert.Equal("80\u00a0% (NetMedic), 90\u00a0% (Nezha)", rows[3][1].Value);
    }

    [Fact]
    public void Markdown_has_the_same_tables()
    {
        var markdown = Small.ToMarkdown();

        Assert.StartsWith("# CrossLayer: an experiment with known faults\n\nOf 6 impacted requests in 3 episodes with a fault", markdown, StringComparison.Ordinal);
        Assert.Contains("\n| cross_layer | cross_layer | 67 % (2/3) | 67 % (2/3) |\n", markdown, StringComparison.Ordinal);
        Assert.Contains("\n## Threats to validity\n", markdown, StringComparison.Ordinal);
        Assert.DoesNotContain("<svg", markdown, StringComparison.Ordinal);
    }

    [Fact]
    public void The_same_input_gives_the_same_report() =>
        Assert.Equal(Whole.ToHtml(), Of(ExperimentAnalysis.Of(SyntheticExperiment.Make(), 0.001, null)).ToHtml());

    private static AnalysisReport Of(ExperimentSummary experiment) =>
        new(new AnalysisSummary(AnalysisSummary.CurrentVersion, "results", Headline.Of(experiment), experiment, [], null));

    private static XElement Parse(string html)
    {
        using var text = new StringReader(html);
        using var reader = XmlReader.Create(text, new XmlReaderSettings { DtdProcessing = DtdProcessing.Ignore, XmlResolver = null });
        return XDocument.Load(reader).Root!;
    }

    private static IEnumerable<int> Occurrences(string text, string word)
    {
        for (var at = text.IndexOf(word, StringComparison.Ordinal); at >= 0; at = text.IndexOf(word, at + 1, StringComparison.Ordinal))
            yield return at;
    }
}
