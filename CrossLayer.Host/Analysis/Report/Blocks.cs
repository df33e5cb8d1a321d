namespace CrossLayer.Host.Analysis.Report;

/// <summary>A part of a report under a heading of its own.</summary>
/// <param name="Title">The heading.</param>
/// <param name="Blocks">What stands under it.</param>
internal sealed record Section(string Title, IReadOnlyList<Block> Blocks);

/// <summary>What a section is made of.</summary>
internal abstract record Block;

/// <summary>A paragraph.</summary>
internal sealed record Paragraph(string Text) : Block;

/// <summary>A list.</summary>
internal sealed record Points(IReadOnlyList<string> Items) : Block;

/// <summary>A table.</summary>
/// <param name="Caption">What it shows.</param>
/// <param name="Source">The file and field that its figures come from.</param>
/// <param name="Columns">The heads; the first one is that of the rows' names.</param>
/// <param name="Rows">The rows, a cell for each column.</param>
internal sealed record Table(string Caption, string Source, IReadOnlyList<string> Columns, IReadOnlyList<IReadOnlyList<Cell>> Rows) : Block;

/// <summary>A plot; a report without pictures goes without it.</summary>
/// <param name="Caption">What it shows.</param>
/// <param name="Source">The file and field that its figures come from.</param>
/// <param name="Svg">An svg element.</param>
internal sealed record Plot(string Caption, string Source, string Svg) : Block;

/// <summary>A cell of a table.</summary>
/// <param name="Text">What stands in it.</param>
/// <param name="Shade">From 0, nothing, to 1, all: how dark it is; null for none.</param>
/// <param name="Note">What it is counted from.</param>
internal sealed record Cell(string Text, double? Shade = null, string? Note = null)
{
    /// <summary>A cell of text alone.</summary>
    public static implicit operator Cell(string text) => new(text);
}
