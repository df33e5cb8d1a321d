using CrossLayer.Probe;

namespace CrossLayer.Host.Files;

/// <summary>An address and a port as an access log has them, in fields of their own.</summary>
internal record struct LogAddress(string? Host, string? Port)
{
    /// <summary>The endpoint. IPv6 needs no brackets.</summary>
    /// <param name="hostName">The address's field, for messages.</param>
    /// <param name="portName">The port's field, for messages.</param>
    /// <param name="unixSocket">What stands for a unix socket in this log, for messages.</param>
    /// <exception cref="FieldException">One of them cannot be used.</exception>
    public readonly Endpoint ToEndpoint(string hostName, string portName, string unixSocket)
    {
        FieldReader.Require(Port is not null, portName);
        var host = Host!.Contains(':', StringComparison.Ordinal) ? $"[{Host}]" : Host;
        if (!Endpoint.TryParse($"{host}:0", out _))
            throw new FieldException($"{hostName} is \"{OneLine.Of(Host)}\"; expected an IP address or {unixSocket}", 0);
        return Endpoint.TryParse($"{host}:{Port}", out var endpoint)
            ? endpoint
            : throw new FieldException($"{portName} is \"{OneLine.Of(Port)}\"; expected a whole number from 0 to {ushort.MaxValue}", 0);
    }
}
