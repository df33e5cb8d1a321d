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
    public static bool TryParse(ReadOnlySpan<char> text, out Endpoint endpoint)
    {
        endpoint = default;
        var colon = text.LastIndexOf(':');
        if (colon <= 0 || !ushort.TryParse(text[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var port))
            return false;
        var host = text[..colon];
        if (!(host[0] == '[' && host[^1] == ']'))
        {
            if (!NetworkAddress.TryParseIPv4(host, out var plain))
                return false;
            endpoint = new Endpoint(plain, port);
            return true;
        }

        host = host[1..^1];
        if (!host.Contains(':') || host.ContainsAny('[', ']') || !IPAddress.TryParse(host, out var address))
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
