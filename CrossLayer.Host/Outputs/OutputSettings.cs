using Akka.Configuration;
using CrossLayer.Actors.Configuration;
using CrossLayer.Host.Outputs.Http;
using CrossLayer.Host.Outputs.Jsonl;
using CrossLayer.Host.Outputs.Otlp;

namespace CrossLayer.Host.Outputs;

/// <summary>What the daemon tells the outside: section <c>crosslayer.outputs</c> of crosslayer.conf.</summary>
internal sealed record OutputSettings
{
    private const string Section = "crosslayer.outputs";

    /// <summary>Metrics, health and the live stream.</summary>
    public required OutputHttpSettings Http { get; init; }

    /// <summary>Correlations as JSON lines in a file.</summary>
    public JsonlSettings Jsonl { get; init; } = new();

    /// <summary>Discrepancies as spans for a collector.</summary>
    public OtlpSettings Otlp { get; init; } = new();

    /// <summary>The most pairs of service and route with labels of their own.</summary>
    public int MaxLabelSets { get; init; } = 200;

    /// <summary>Reads the settings; what <paramref name="config"/> leaves out is taken from <c>crosslayer.conf</c>.</summary>
    /// <exception cref="ConfigurationException">A value is out of its range; the message names it.</exception>
    public static OutputSettings From(Config config)
    {
        ArgumentNullException.ThrowIfNull(config);
        var all = config.WithFallback(DefaultConfiguration.Load());
        return new OutputSettings
        {
            Http = OutputHttpSettings.From(all),
            Jsonl = JsonlSettings.From(all),
            Otlp = OtlpSettings.From(all),
            MaxLabelSets = OutputSetting.Whole(all, Section, "max-label-sets", 1, 10_000),
        };
    }
}
