using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace CrossLayer.Host.Serving;

/// <summary>Where a <see cref="HttpServer"/> listens, and as what it reports.</summary>
internal sealed record HttpServerOptions
{
    /// <summary>The address it listens at.</summary>
    public IPAddress Address { get; init; } = IPAddress.Loopback;

    /// <summary>The port it listens at; 0 for any that is free.</summary>
    public int Port { get; init; }

    /// <summary>What it speaks, in the clear: HTTP/1.1, or HTTP/2 by prior knowledge (RFC 9113, 3.3).</summary>
    public HttpProtocols Protocols { get; init; } = HttpProtocols.Http1;

    /// <summary>The service that its records name; null for none.</summary>
    public string? Service { get; init; }

    /// <summary>
    /// How long a response may still be written to a client that has closed its half of the connection; zero: such a client counts as
    /// gone at once. It may be reading (RFC 9293, 3.6), or have left: its FIN does not say.
    /// </summary>
    public TimeSpan HalfClosed { get; init; }

    /// <summary>Takes the connections; null for the ordinary way.</summary>
    public IConnectionListenerFactory? Transport { get; init; }

    /// <summary>Runs before each handler, in the request's time; null for nothing.</summary>
    public Func<HttpContext, Task>? BeforeHandler { get; init; }
}
