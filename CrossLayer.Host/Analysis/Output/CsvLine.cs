using System.Globalization;
using System.Text;

namespace CrossLayer.Host.Analysis.Output;

/// <summary>Lines of a CSV file (RFC 4180): comma, CRLF, quotes where they are needed. Numbers have a point, truths are 0 and 1, what is not known is empty.</summary>
internal sealed class CsvLine
{
    private readonly StringBuilder _text = new();
    private bool _isFirst = true;

    /// <summary>Adds a text.</summary>
    public CsvLine Add(string? value)
    {
        if (!_isFirst)
            _text.Append(',');
        _isFirst = false;
        if (value is null)
            return this;
        if (value.AsSpan().IndexOfAny(",\"\r\n") < 0)
            _text.Append(value);
        else
            _text.Append('"').Append(value.Replace("\"", "\"\"", StringComparison.Ordinal)).Append('"');
        return this;
    }

    /// <summary>Adds a number; one that can be read back as it is.</summary>
    public CsvLine Add(double? value) => Add(value?.ToString("R", CultureInfo.InvariantCulture));

    /// <summary>Adds a whole number.</summary>
    public CsvLine Add(long? value) => Add(value?.ToString(CultureInfo.InvariantCulture));

    /// <summary>Adds a truth.</summary>
    public CsvLine Add(bool value) => Add(value ? "1" : "0");

    /// <summary>Writes the line, and begins a new one.</summary>
    public void WriteTo(TextWriter writer)
    {
        _text.Append("\r\n");
        writer.Write(_text);
        _text.Clear();
        _isFirst = true;
    }
}
