using System.Globalization;
using System.Text;

namespace CrossLayer.Host.Outputs.Metrics;

/// <summary>A page of metrics, read: Prometheus' text format as <see cref="MetricsWriter"/> writes it, or another program.</summary>
/// <param name="Samples">Its samples, in their order.</param>
/// <param name="Types">The type of each metric.</param>
internal sealed record MetricsText(IReadOnlyList<MetricSample> Samples, IReadOnlyDictionary<string, string> Types)
{
    /// <summary>Reads a page.</summary>
    /// <exception cref="InputException">A line is none of the format's.</exception>
    public static MetricsText Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var samples = new List<MetricSample>();
        var types = new Dictionary<string, string>();
        foreach (var range in text.AsSpan().Split('\n'))
        {
            var line = text.AsSpan(range).Trim();
            if (line.StartsWith("# TYPE ") && line[7..].ToString().Split(' ') is [var name, var type])
                types[name] = type;
            else if (line.Length > 0 && line[0] != '#')
                samples.Add(Sample(line));
        }

        return new MetricsText(samples, types);
    }

    /// <summary>The sum of the samples of a name that have these labels; 0 where there are none.</summary>
    public double Value(string name, params IReadOnlyList<(string Label, string Value)> labels) => Samples
        .Where(sample => sample.Name == name && labels.All(label => sample.Labels.GetValueOrDefault(label.Label) == label.Value))
        .Sum(sample => sample.Value);

    private static MetricSample Sample(ReadOnlySpan<char> line)
    {
        var labels = new Dictionary<string, string>();
        var at = line.IndexOfAny('{', ' ');
        if (at <= 0)
            throw Unreadable(line);
        var name = line[..at].ToString();
        if (line[at] == '{')
        {
            at++;
            while (at < line.Length && line[at] != '}')
                at = Label(line, at, labels);
            at++;
        }

        var rest = at < line.Length ? line[at..].Trim() : [];
        var end = rest.IndexOf(' '); // a time may follow
        return double.TryParse(end < 0 ? rest : rest[..end], NumberStyles.Float, CultureInfo.InvariantCulture, out var value)
            ? new MetricSample(name, labels, value)
            : throw Unreadable(line);
    }

    private static int Label(ReadOnlySpan<char> line, int at, Dictionary<string, string> labels)
    {
        var equals = line[at..].IndexOf("=\"");
        if (equals < 0)
            throw Unreadable(line);
        var name = line.Slice(at, equals).TrimStart(", ").ToString();
        var value = new StringBuilder();
        for (at += equals + 2; at < line.Length && line[at] != '"'; at++)
        {
            if (line[at] == '\\' && ++at < line.Length)
                value.Append(line[at] == 'n' ? '\n' : line[at]);
            else if (at < line.Length)
                value.Append(line[at]);
        }

        labels[name] = value.ToString();
        at++;
        return at < line.Length && line[at] == ',' ? at + 1 : at;
    }

    private static InputException Unreadable(ReadOnlySpan<char> line) =>
        new($"not a line of metrics: '{line[..Math.Min(line.Length, 80)]}'");
}
