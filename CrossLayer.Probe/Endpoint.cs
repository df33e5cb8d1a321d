using System.Globalization;
using System.Net;

namespace CrossLayer.Probe;

/// <summary>One end of a TCP connection. Written <c>127.0.0.1:8080</c> or <c>[::1]:8080</c>.</summary>
public readonly record struct Endpoint(NetworkAddress Address, ushort Port) : IComparable<Endpoint>
{
    /// <summary>The endpoint in the form used here: v4-mapped becomes IPv4.</summary>
    public static Endpoint From(IPEndPoint endpoint)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        return new Endpoint(NetworkAddress.From(endpoint.Address), (ushort)endpoint.Port);
    }

    /// <summary>Reads <c>address:port</c>; an IPv6 address stands in brackets.</summary>
    public static bool TryParse(string? text, out Endpoint endpoint)
    {
        endpoint = default;
        if (text is null)
            return false;
        var colon = text.LastIndexOf(':');
        if (colon <= 0 || !ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port))
            return false;
        var host = text.AsSpan(0, colon);
        var bracketed = host[0] == '[' && host[^1] == ']';
        if (bracketed)
            host = host[1..^1];
        if (host.Contains(':') != bracketed || host.ContainsAny('[', ']') || !IPAddress.TryParse(host, out var address))
            return false;
        // IPAddress reads 1, 0x7f.1 and octal 010.0.0.1 as IPv4; here an address has one spelling.
        if (!bracketed && !host.SequenceEqual(address.ToString()))
            return false;
        endpoint = new Endpoint(NetworkAddress.From(address), port);
        return true;
    }

    /// <inheritdoc/>
    public int CompareTo(Endpoint other)
    {
        var byAddress = Address.CompareTo(other.Address);
        return byAddress != 0 ? byAddress : Port.CompareTo(other.Port);
    }

    /// <inheritdoc/>
    public override string ToString() => new IPEndPoint(Address.ToIPAddress(), Port).ToString();

    /// <summary>Orders by address, then by port.</summary>
    public static bool operator <(Endpoint left, Endpoint right) => left.CompareTo(right) < 0;

    /// <inheritdoc cref="op_LessThan"/>
    public static bool operator >(Endpoint left, Endpoint right) => left.CompareTo(right) > 0;

    /// <inheritdoc cref="op_LessThan"/>
    public static bool operator <=(Endpoint left, Endpoint right) => left.CompareTo(right) <= 0;

    /// <inheritdoc cref="op_LessThan"/>
    public static bool operator >=(Endpoint left, Endpoint right) => left.CompareTo(right) >= 0;
}
