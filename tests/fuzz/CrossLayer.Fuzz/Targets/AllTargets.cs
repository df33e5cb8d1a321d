namespace CrossLayer.Fuzz.Targets;

/// <summary>Every decoder of what others write.</summary>
internal static class AllTargets
{
    private static readonly Dictionary<string, Func<FuzzTarget>> Makers = new()
    {
        ["records"] = IngestTargets.Records,
        ["unix"] = IngestTargets.Unix,
        ["gzip"] = IngestTargets.Gzip,
        ["otlp-protobuf"] = IngestTargets.OtlpProtobuf,
        ["otlp-json"] = IngestTargets.OtlpJson,
        ["nginx"] = AccessLogTargets.Nginx,
        ["haproxy"] = AccessLogTargets.Haproxy,
        ["apache"] = AccessLogTargets.Apache,
        ["envoy"] = AccessLogTargets.Envoy,
        ["record-file"] = FileTargets.Records,
        ["kernel-file"] = FileTargets.KernelEvents,
        ["correlations"] = FileTargets.Correlations,
        ["discrepancy"] = JournalTargets.Discrepancy,
        ["summary"] = JournalTargets.Summary,
        ["recording"] = JournalTargets.Recording,
        ["recorded-records"] = JournalTargets.RecordedRecords,
        ["configuration"] = ConfigurationTargets.File,
    };

    /// <summary>Their names, in the order of <see cref="Create()"/>.</summary>
    public static IReadOnlyCollection<string> Names => Makers.Keys;

    /// <summary>All of them.</summary>
    public static FuzzTarget[] Create() => [.. Names.Select(Create)];

    /// <summary>One of them.</summary>
    public static FuzzTarget Create(string name) => Makers[name]();
}
