using System.Text.Json;
using System.Text.Json.Serialization;

namespace CrossLayer.Host.Analysis.Summaries;

/// <summary>All that an analysis has to say: <c>summary.json</c>.</summary>
/// <param name="Version">Of the file's form.</param>
/// <param name="Input">The folder that was analysed.</param>
/// <param name="Headline">What there is to know, in a sentence.</param>
/// <param name="Experiment">What detectors made of it; null for a recording without labels.</param>
/// <param name="Metrics">What applications reported and the kernel saw.</param>
/// <param name="Costs">What the probe costs; null where it was not measured.</param>
internal sealed record AnalysisSummary(
    int Version, string Input, string Headline, ExperimentSummary? Experiment, IReadOnlyList<MetricsSummary> Metrics, CostSummary? Costs)
{
    /// <summary>The form that is written.</summary>
    public const int CurrentVersion = 1;

    /// <summary>As JSON.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, SummaryJson.Default.AnalysisSummary);
}

/// <summary>Summaries in JSON.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(AnalysisSummary))]
internal sealed partial class SummaryJson : JsonSerializerContext;
