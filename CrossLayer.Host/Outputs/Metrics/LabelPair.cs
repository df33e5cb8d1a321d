namespace CrossLayer.Host.Outputs.Metrics;

/// <summary>A service and one of its routes, as labels have them.</summary>
internal readonly record struct LabelPair(string Service, string Route)
{
    /// <summary>What a label says where an application did not.</summary>
    public const string Unnamed = "none";

    /// <summary>All pairs beyond the most that have labels of their own.</summary>
    public static LabelPair Other { get; } = new("other", "other");
}
