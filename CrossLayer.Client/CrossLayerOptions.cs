namespace CrossLayer.Client;

/// <summary>Where an application reports its requests to, and how much reporting may cost it.</summary>
public sealed class CrossLayerOptions
{
    /// <summary>
    /// The daemon's source: an HTTP address (<c>http://127.0.0.1:9471</c>; the path is added), or a Unix socket (<c>unix:///run/crosslayer/requests.sock</c>).
    /// </summary>
    public Uri Endpoint { get; set; } = new("http://127.0.0.1:9471");

    /// <summary>The token that the daemon asks for; null for none.</summary>
    public string? Token { get; set; }

    /// <summary>The application's name in its records; null for none.</summary>
    public string? Service { get; set; }

    /// <summary>Records that may wait to be sent. Further ones are dropped, and counted: the application is never held up.</summary>
    public int MaxQueued { get; set; } = 10_000;

    /// <summary>The most records in one message.</summary>
    public int BatchSize { get; set; } = 500;

    /// <summary>How long a record waits for others to go with it.</summary>
    public TimeSpan FlushInterval { get; set; } = TimeSpan.FromMilliseconds(200);

    /// <summary>How long one attempt at sending may take.</summary>
    public TimeSpan SendTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How often a message is sent again before its records are given up and counted.</summary>
    public int Retries { get; set; } = 3;
}
