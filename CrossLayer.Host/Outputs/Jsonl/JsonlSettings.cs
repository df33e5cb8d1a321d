using Akka.Configuration;

namespace CrossLayer.Host.Outputs.Jsonl;

/// <summary>Correlations as JSON lines in a file: section <c>crosslayer.outputs.jsonl</c>.</summary>
internal sealed record JsonlSettings
{
    private const string Section = "crosslayer.outputs.jsonl";

    /// <summary>The file; null: none.</summary>
    public string? Path { get; init; }

    /// <summary>Every correlation, not only discrepancies.</summary>
    public bool All { get; init; }

    /// <summary>A file that would grow beyond this is put aside, and a new one begun.</summary>
    public long MaxBytes { get; init; } = 100 * 1024 * 1024;

    /// <summary>Files put aside that are kept; 0: none.</summary>
    public int Keep { get; init; } = 5;

    /// <summary>Correlations that may wait for the disk. Further ones are dropped, and counted.</summary>
    public int MaxWaiting { get; init; } = 10_000;

    /// <summary>Reads the settings.</summary>
    /// <exception cref="ConfigurationException">A value is out of its range; the message names it.</exception>
    public static JsonlSettings From(Config config)
    {
        ArgumentNullException.ThrowIfNull(config);
        return new JsonlSettings
        {
            Path = OutputSetting.Text(config, Section, "path"),
            All = config.GetBoolean($"{Section}.all"),
            MaxBytes = OutputSetting.Bytes(config, Section, "max-size", 1024),
            Keep = OutputSetting.Whole(config, Section, "keep", 0, 1000),
            MaxWaiting = OutputSetting.Whole(config, Section, "max-waiting", 1, 1_000_000),
        };
    }
}
