using System.Globalization;
using System.Text;

namespace CrossLayer.Host.Outputs.Metrics;

/// <summary>Writes metrics in Prometheus' text format, version 0.0.4.</summary>
internal sealed class MetricsWriter
{
    /// <summary>What the format is called over HTTP.</summary>
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    private static readonly string[] Types = ["counter", "gauge", "histogram"];

    private readonly StringBuilder _text = new(16 * 1024);

    /// <summary>Begins a metric; its samples follow.</summary>
    public void Begin(Metric metric)
    {
        ArgumentNullException.ThrowIfNull(metric);
        _text.Append("# HELP ").Append(metric.Name).Append(' ').Append(metric.Help.Replace("\\", "\\\\", StringComparison.Ordinal)).Append('\n');
        _text.Append("# TYPE ").Append(metric.Name).Append(' ').Append(Types[(int)metric.Kind]).Append('\n');
    }

    /// <summary>A metric with one sample, without labels.</summary>
    public void Write(Metric metric, double value)
    {
        Begin(metric);
        Sample(metric, value);
    }

    /// <summary>A sample of the metric that was begun.</summary>
    /// <param name="values">The values of its labels.</param>
    public void Sample(Metric metric, double value, params ReadOnlySpan<string> values)
    {
        Name(metric, "", values, null);
        Value(value);
    }

    /// <summary>The samples of a histogram that was begun.</summary>
    public void Sample(Metric metric, BucketCounts counts, params ReadOnlySpan<string> values)
    {
        ArgumentNullException.ThrowIfNull(counts);
        long sum = 0;
        for (var i = 0; i <= counts.Bounds.Count; i++)
        {
            sum += counts.Counts[i];
            Name(metric, "_bucket", values, i < counts.Bounds.Count ? Number(counts.Bounds[i]) : "+Inf");
            Value(sum);
        }

        Name(metric, "_sum", values, null);
        Value(counts.Sum);
        Name(metric, "_count", values, null);
        Value(sum);
    }

    /// <summary>What was written.</summary>
    public override string ToString() => _text.ToString();

    private static string Number(double value) => value.ToString("R", CultureInfo.InvariantCulture);

    private void Name(Metric metric, string suffix, ReadOnlySpan<string> values, string? bound)
    {
        if (values.Length != metric.Labels.Count)
            throw new ArgumentException($"{metric.Name} has {metric.Labels.Count} labels, not {values.Length}");
        _text.Append(metric.Name).Append(suffix);
        if (values.Length == 0 && bound is null)
            return;
        _text.Append('{');
        for (var i = 0; i < values.Length; i++)
            Label(metric.Labels[i], values[i]);
        if (bound is not null)
            Label("le", bound);
        _text[^1] = '}';
    }

    private void Label(string name, string value)
    {
        _text.Append(name).Append("=\"");
        foreach (var character in value)
        {
            _ = character switch
            {
                '\\' => _text.Append("\\\\"),
                '"' => _text.Append("\\\""),
                '\n' => _text.Append("\\n"),
                _ => _text.Append(character),
            };
        }

        _text.Append("\",");
    }

    private void Value(double value) => _text.Append(' ').Append(Number(value)).Append('\n');
}
