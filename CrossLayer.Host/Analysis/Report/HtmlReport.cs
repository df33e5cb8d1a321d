using System.Globalization;
using System.Xml.Linq;

namespace CrossLayer.Host.Analysis.Report;

/// <summary>A report as one HTML file that needs nothing else: no network, no script, no font. It is XML as well.</summary>
internal static class HtmlReport
{
    private const int WideFrom = 8;

    private const string Style = """
        body { font: 15px/1.5 system-ui, sans-serif; color: #1b1f24; background: #fff; max-width: 76rem; margin: 2rem auto; padding: 0 1rem; }
        h1 { font-size: 1.6rem; } h2 { font-size: 1.25rem; margin-top: 2.5rem; border-bottom: 1px solid #d0d7de; }
        .lead { font-size: 1.15rem; background: #f2f6fa; border-left: 4px solid #0072b2; padding: .8rem 1rem; }
        .wide { overflow-x: auto; }
        table { border-collapse: collapse; margin: .6rem 0 0; font-size: .85rem; }
        th, td { border: 1px solid #d0d7de; padding: .2rem .5rem; text-align: right; vertical-align: top; }
        th { background: #f6f8fa; font-weight: 600; } th.text, td.text { text-align: left; } td span { white-space: nowrap; }
        th.tall { writing-mode: vertical-rl; transform: rotate(180deg); text-align: left; white-space: nowrap; vertical-align: bottom; }
        td small { color: inherit; opacity: .75; display: block; }
        figure { margin: 1.2rem 0; } figcaption { font-weight: 600; }
        .source { color: #57606a; font-size: .78rem; font-family: ui-monospace, monospace; margin: .2rem 0 0; }
        svg { max-width: 100%; height: auto; }
        @media print {
          body { max-width: none; margin: 0; font-size: 10pt; } figure, table, svg { break-inside: avoid; }
          td, th, .lead { -webkit-print-color-adjust: exact; print-color-adjust: exact; } .wide { overflow: visible; } table { font-size: 7pt; }
        }
        """;

    /// <summary>The report.</summary>
    /// <param name="title">Its title.</param>
    /// <param name="headline">The sentence at its head.</param>
    /// <param name="sections">Its parts.</param>
    public static string Of(string title, string headline, IReadOnlyList<Section> sections)
    {
        var html = new XElement("html", new XAttribute("lang", "en"),
            new XElement("head",
                new XElement("meta", new XAttribute("charset", "utf-8")),
                new XElement("meta", new XAttribute("name", "viewport"), new XAttribute("content", "width=device-width")),
                new XElement("title", title),
                new XElement("style", Style)),
            new XElement("body",
                new XElement("h1", title),
                new XElement("p", new XAttribute("class", "lead"), headline),
                sections.Select(section => new XElement("section", new XElement("h2", section.Title), section.Blocks.Select(Of)))));
        MakeIdsUnique(html);
        return $"<!DOCTYPE html>\n{html.ToString(SaveOptions.DisableFormatting)}\n";
    }

    // Each plot counts its clipping regions from 1, and references go through the whole document.
    private static void MakeIdsUnique(XElement html)
    {
        foreach (var (index, svg) in html.Descendants().Where(element => element.Name.LocalName == "svg").Index())
        {
            var attributes = svg.Descendants().Attributes().ToList();
            foreach (var attribute in attributes)
            {
                if (attribute.Name == "id")
                    attribute.Value = $"p{index}-{attribute.Value}";
                else if (attribute.Value.StartsWith("url(#", StringComparison.Ordinal))
                    attribute.Value = $"url(#p{index}-{attribute.Value["url(#".Length..]}";
            }
        }
    }

    private static XElement Of(Block block) => block switch
    {
        Paragraph paragraph => new XElement("p", paragraph.Text),
        Points points => new XElement("ul", points.Items.Select(item => new XElement("li", item))),
        Table table => Figure(table.Caption, table.Source, new XElement("div", new XAttribute("class", "wide"), Of(table))),
        Plot plot => Figure(plot.Caption, plot.Source, XElement.Parse(plot.Svg)),
        _ => throw new ArgumentOutOfRangeException(nameof(block), block, "No such block."),
    };

    private static XElement Figure(string caption, string source, XElement content) => new("figure",
        new XElement("figcaption", caption), content, new XElement("p", new XAttribute("class", "source"), $"from {source}"));

    private static XElement Of(Table table)
    {
        var isText = Enumerable.Range(0, table.Columns.Count).Select(column => IsText(table, column)).ToList();
        return new XElement("table",
            new XElement("thead", new XElement("tr", table.Columns.Select((column, i) => Head(table, column, isText[i])))),
            new XElement("tbody", table.Rows.Select(row => new XElement("tr", row.Select((cell, i) => Of(cell, isText[i]))))));
    }

    private static XElement Of(Cell cell, bool isText) => new("td",
        isText ? new XAttribute("class", "text") : null,
        cell.Shade is { } shade ? new XAttribute("style", StyleOf(shade)) : null,
        Unbroken(cell.Text),
        cell.Note is null ? null : new XElement("small", cell.Note));

    // Heads of a table with many columns stand upright, so that it stays within the page.
    private static XElement Head(Table table, string column, bool isText) => table.Columns.Count > WideFrom && column != table.Columns[0]
        ? new XElement("th", new XAttribute("class", "tall"), column)
        : new XElement("th", isText ? new XAttribute("class", "text") : null, column);

    // Words are read from the left, figures are compared from the right: the first column, and those with a letter or a slash at the head of most cells.
    private static bool IsText(Table table, int column)
    {
        var figures = table.Rows.Select(row => row[column].Text).Where(text => text.Length > 0 && text != Words.Nothing).ToList();
        return column == 0 || 2 * figures.Count(text => (char.IsLetter(text[0]) || text[0] == '/') && text != Words.NotReached) > figures.Count;
    }

    // A line may end before an interval, not within it, and not between a number and its unit.
    private static IEnumerable<object> Unbroken(string text)
    {
        var bracket = text.EndsWith(')') ? text.LastIndexOf('(') : -1;
        yield return Joined(bracket < 0 ? text : text[..bracket]);
        if (bracket >= 0)
            yield return new XElement("span", Joined(text[bracket..]));
    }

    private static string Joined(string text) => text.Replace(" %", "\u00a0%", StringComparison.Ordinal)
        .Replace("≥ ", "≥\u00a0", StringComparison.Ordinal).Replace("≤ ", "≤\u00a0", StringComparison.Ordinal);

    // From white to blue; where it is dark, the text is white.
    private static string StyleOf(double shade)
    {
        var part = Math.Clamp(shade, 0, 1);
        return string.Create(CultureInfo.InvariantCulture,
            $"background:rgb({255 - (255 * part):0},{255 - (141 * part):0},{255 - (77 * part):0});color:{(part > 0.75 ? "#fff" : "#1b1f24")}");
    }
}
