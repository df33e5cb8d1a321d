using System.Text;

namespace CrossLayer.Host.Analysis.Report;

/// <summary>A report's text and tables as Markdown, without its plots.</summary>
internal static class MarkdownReport
{
    /// <inheritdoc cref="HtmlReport.Of(string, string, IReadOnlyList{Section})"/>
    public static string Of(string title, string headline, IReadOnlyList<Section> sections)
    {
        var text = new StringBuilder($"# {title}\n\n{headline}\n");
        foreach (var section in sections)
        {
            text.Append('\n').Append("## ").Append(section.Title).Append('\n');
            foreach (var block in section.Blocks)
                Append(text, block);
        }

        return text.ToString();
    }

    private static void Append(StringBuilder text, Block block)
    {
        switch (block)
        {
            case Paragraph paragraph:
                text.Append('\n').Append(paragraph.Text).Append('\n');
                break;
            case Points points:
                text.Append('\n').AppendJoin('\n', points.Items.Select(item => $"- {item}")).Append('\n');
                break;
            case Table table:
                text.Append('\n').Append(table.Caption).Append(" (").Append(table.Source).Append("):\n\n");
                AppendRow(text, table.Columns);
                text.Append('|').Insert(text.Length, " --- |", table.Columns.Count).Append('\n');
                foreach (var row in table.Rows)
                    AppendRow(text, row.Select(cell => cell.Note is null ? cell.Text : $"{cell.Text} ({cell.Note})"));
                break;
        }
    }

    private static void AppendRow(StringBuilder text, IEnumerable<string> cells) =>
        text.Append("| ").AppendJoin(" | ", cells.Select(cell => cell.Replace("|", "\\|", StringComparison.Ordinal))).Append(" |\n");
}
