using System.Diagnostics;
using OpenTelemetry;

namespace CrossLayer.Host.Outputs.Otlp;

/// <summary>
/// Stands between the SDK and its exporter, and keeps the spans of one source for whoever sends them: the SDK's own processors neither tell what
/// they drop nor send again.
/// </summary>
/// <param name="exporter">Learns from the SDK which resource it exports for.</param>
/// <param name="source">Whose spans are kept; the SDK tells sources apart by their names alone.</param>
internal sealed class SpanCollector(BaseExporter<Activity> exporter, ActivitySource source) : BaseExportProcessor<Activity>(exporter)
{
    private readonly List<Activity> _spans = [];

    /// <summary>Takes what was kept. By the thread that makes the spans.</summary>
    public Activity[] Take()
    {
        var spans = _spans.ToArray();
        _spans.Clear();
        return spans;
    }

    /// <summary>Sends spans, and waits for the answer.</summary>
    /// <returns>True if they were taken.</returns>
    public bool Send(Activity[] spans)
    {
        using var batch = new Batch<Activity>(spans, spans.Length);
        return exporter.Export(batch) == ExportResult.Success;
    }

    /// <inheritdoc/>
    protected override void OnExport(Activity data)
    {
        if (data.Source == source)
            _spans.Add(data);
    }
}
