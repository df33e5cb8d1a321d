namespace CrossLayer.Host.Analysis;

/// <summary>A detector as it was tuned.</summary>
/// <param name="Name">In snake_case.</param>
/// <param name="Layer">What it looks at.</param>
/// <param name="Threshold">A score above it is an alarm.</param>
/// <param name="FalsePositiveRate">The share of ordinary requests that it alarms on with that threshold, on the traffic that it was tuned on.</param>
internal sealed record DetectorDescription(string Name, DetectorLayer Layer, double Threshold, double FalsePositiveRate)
{
    /// <summary>The detector that is to show that it is worth it.</summary>
    public const string CrossLayerName = "cross_layer";

    /// <summary>The one that it has to beat.</summary>
    public const string UnionName = "union";
}
