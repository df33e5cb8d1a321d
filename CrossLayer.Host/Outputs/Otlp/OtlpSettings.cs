using Akka.Configuration;

namespace CrossLayer.Host.Outputs.Otlp;

/// <summary>Discrepancies as spans for a collector: section <c>crosslayer.outputs.otlp</c>.</summary>
internal sealed record OtlpSettings
{
    private const string Section = "crosslayer.outputs.otlp";
    private const string TracesPath = "v1/traces";

    /// <summary>Where traces are sent by OTLP over HTTP; null: nowhere.</summary>
    public Uri? Endpoint { get; init; }

    /// <summary>A file whose first line is shown to the collector (<c>Authorization: Bearer …</c>); null: nothing is.</summary>
    public string? TokenFile { get; init; }

    /// <summary>Discrepancies that may wait. Further ones are dropped, and counted.</summary>
    public int MaxWaiting { get; init; } = 10_000;

    /// <summary>How long an answer is waited for.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The wait before a batch that was not taken is sent again; doubled each time.</summary>
    public TimeSpan RetryAfter { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The longest such wait.</summary>
    public TimeSpan RetryAfterAtMost { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>A batch that was not taken for so long is dropped, and counted.</summary>
    public TimeSpan GiveUpAfter { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Reads the settings.</summary>
    /// <exception cref="ConfigurationException">A value cannot be used; the message names it.</exception>
    public static OtlpSettings From(Config config)
    {
        ArgumentNullException.ThrowIfNull(config);
        var after = OutputSetting.Time(config, Section, "retry-after", TimeSpan.FromMilliseconds(1));
        return new OtlpSettings
        {
            Endpoint = Parse(OutputSetting.Text(config, Section, "endpoint")),
            TokenFile = File(OutputSetting.Text(config, Section, "token-file")),
            MaxWaiting = OutputSetting.Whole(config, Section, "max-waiting", 1, 1_000_000),
            Timeout = OutputSetting.Time(config, Section, "timeout", TimeSpan.FromMilliseconds(100)),
            RetryAfter = after,
            RetryAfterAtMost = OutputSetting.Time(config, Section, "retry-after-at-most", after),
            GiveUpAfter = OutputSetting.Time(config, Section, "give-up-after", TimeSpan.Zero),
        };
    }

    // As the exporters of other programs: a collector's address alone gets the path that collectors have.
    private static Uri? Parse(string? text)
    {
        if (text is null)
            return null;
        if (!Uri.TryCreate(text, UriKind.Absolute, out var url) || (url.Scheme != Uri.UriSchemeHttp && url.Scheme != Uri.UriSchemeHttps))
            throw new ConfigurationException($"{Section}.endpoint = {text}: expected a URL such as http://127.0.0.1:4318");
        return url.AbsolutePath == "/" ? new Uri(url, TracesPath) : url;
    }

    private static string? File(string? path) => path is null || System.IO.File.Exists(path)
        ? path
        : throw new ConfigurationException($"{Section}.token-file = {path}: there is no such file");
}
