using System.Runtime.CompilerServices;
using CrossLayer.Probe;

namespace CrossLayer.Actors.Connections;

/// <summary>
/// The two ends of a connection without regard to which is which, so that both sockets of a connection within one
/// host, and the records of client and server, have the same key. It finds the connection; identity within it is the
/// network namespace and the socket cookie.
/// </summary>
public readonly record struct ConnectionKey
{
    private ConnectionKey(Endpoint low, Endpoint high) => (Low, High) = (low, high);

    /// <summary>The end that sorts first.</summary>
    public Endpoint Low { get; }

    /// <summary>The end that sorts last.</summary>
    public Endpoint High { get; }

    /// <summary>The key of the connection between two ends, in either order.</summary>
    public static ConnectionKey Of(Endpoint one, Endpoint other) =>
        one.CompareTo(other) <= 0 ? new ConnectionKey(one, other) : new ConnectionKey(other, one);

    /// <summary>
    /// Which of <paramref name="count"/> shards the connection belongs to. From the ports alone, so that it is the same
    /// for a record that knows its port but not its own address.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Shard(ushort onePort, ushort otherPort, int count)
    {
        var low = Math.Min(onePort, otherPort);
        var high = Math.Max(onePort, otherPort);
        // Fibonacci hashing spreads the runs of neighbouring ephemeral ports.
        var hash = (((uint)high << 16) | low) * 2654435769u;
        return (int)((ulong)hash * (uint)count >> 32);
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Low} - {High}";
}
