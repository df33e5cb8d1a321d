using System.Globalization;
using System.Net;
using System.Runtime.InteropServices;

namespace CrossLayer.Probe;

/// <summary>
/// An IP address as 16 bytes in network order: IPv6, or IPv4 in its v4-mapped form (RFC 4291, 2.5.5.2), so that
/// an IPv4 peer of a dual-stack socket and of an IPv4 socket are the same address. Scope ids are not kept.
/// </summary>
[StructLayout(LayoutKind.Sequential, Size = 16)]
public readonly record struct NetworkAddress : IComparable<NetworkAddress>
{
    private readonly ulong _first;
    private readonly ulong _second;

    /// <summary>Reads 16 bytes in network order.</summary>
    /// <exception cref="ArgumentException"><paramref name="bytes"/> is not 16 bytes long.</exception>
    public NetworkAddress(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != 16)
            throw new ArgumentException($"An address has 16 bytes, not {bytes.Length}.", nameof(bytes));
        _first = MemoryMarshal.Read<ulong>(bytes);
        _second = MemoryMarshal.Read<ulong>(bytes[8..]);
    }

    /// <summary>True for <c>0.0.0.0</c> and <c>::</c>: no address is known.</summary>
    public bool IsUnspecified => this == default || this == From(IPAddress.Any);

    /// <summary>The address in the form used here.</summary>
    public static NetworkAddress From(IPAddress address)
    {
        ArgumentNullException.ThrowIfNull(address);
        Span<byte> bytes = stackalloc byte[16];
        var mapped = address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork ? address.MapToIPv6() : address;
        mapped.TryWriteBytes(bytes, out _);
        return new NetworkAddress(bytes);
    }

    /// <summary>Reads an IPv4 address in its one spelling, four decimal numbers; IPAddress reads 1, 0x7f.1 and octal 010.0.0.1 as well.</summary>
    internal static bool TryParseIPv4(ReadOnlySpan<char> text, out NetworkAddress address)
    {
        Span<byte> bytes = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 0, 0, 0, 0];
        var parts = 0;
        foreach (var range in text.Split('.'))
        {
            var part = text[range];
            if (parts == 4 || (part.Length > 1 && part[0] == '0')
                || !byte.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out bytes[12 + parts]))
            {
                address = default;
                return false;
            }

            parts++;
        }

        address = new NetworkAddress(bytes);
        return parts == 4;
    }

    /// <summary>The address as .NET writes it; v4-mapped becomes IPv4.</summary>
    public IPAddress ToIPAddress()
    {
        var copy = this;
        var address = new IPAddress(MemoryMarshal.AsBytes(new ReadOnlySpan<NetworkAddress>(in copy)));
        return address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
    }

    /// <inheritdoc/>
    public int CompareTo(NetworkAddress other) =>
        _first != other._first ? _first.CompareTo(other._first) : _second.CompareTo(other._second);

    /// <inheritdoc/>
    public override string ToString() => ToIPAddress().ToString();

    /// <summary>Orders by the raw bytes; the order is stable, not numeric.</summary>
    public static bool operator <(NetworkAddress left, NetworkAddress right) => left.CompareTo(right) < 0;

    /// <inheritdoc cref="op_LessThan"/>
    public static bool operator >(NetworkAddress left, NetworkAddress right) => left.CompareTo(right) > 0;

    /// <inheritdoc cref="op_LessThan"/>
    public static bool operator <=(NetworkAddress left, NetworkAddress right) => left.CompareTo(right) <= 0;

    /// <inheritdoc cref="op_LessThan"/>
    public static bool operator >=(NetworkAddress left, NetworkAddress right) => left.CompareTo(right) >= 0;
}
