using System.Net;

namespace CrossLayer.Host.Serving;

/// <summary>Where a <see cref="HttpServer"/> listens, and as what it reports.</summary>
internal sealed record HttpServerOptions
{
    /// <summary>The address it listens at.</summary>
    public IPAddress Address { get; init; } = IPAddress.Loopback;

    /// <summary>The port it listens at; 0 for any that is free.</summary>
    public int Port { get; init; }

    /// <summary>The service that its records name; null for none.</summary>
    public string? Service { get; init; }
}
