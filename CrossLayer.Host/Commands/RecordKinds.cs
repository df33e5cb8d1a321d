using CrossLayer.Actors.Requests;
using CrossLayer.Host.Files;

namespace CrossLayer.Host.Commands;

/// <summary>The formats, and how they are read.</summary>
internal static class RecordKinds
{
    /// <summary>Their names.</summary>
    public static EnumNames<RecordFormat> Names { get; } = new();

    /// <summary>How a format's records are read.</summary>
    public static RecordKind<RequestRecord> KindOf(RecordFormat format) => format switch
    {
        RecordFormat.Json => RequestRecordJson.Kind,
        RecordFormat.Nginx => NginxAccessLog.Kind,
        RecordFormat.Haproxy => HaproxyLog.Kind,
        RecordFormat.Apache => ApacheAccessLog.Kind,
        RecordFormat.Envoy => EnvoyAccessLog.Kind,
        _ => throw new ArgumentOutOfRangeException(nameof(format), format, "no such format"),
    };
}
