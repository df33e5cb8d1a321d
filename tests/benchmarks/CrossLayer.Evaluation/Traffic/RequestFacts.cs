using CrossLayer.Actors.Connections;
using CrossLayer.Probe;

namespace CrossLayer.Evaluation.Traffic;

/// <summary>
/// One request as it was: which bytes of which sockets, known because client and server count what they send, and the
/// times that each of them measured. Client and server each write their own half.
/// </summary>
internal sealed class RequestFacts
{
    /// <summary>Names the request; it travels in its first bytes.</summary>
    public required int Number { get; init; }

    /// <summary>1 for the first on its connection.</summary>
    public int Ordinal { get; set; }

    /// <summary>The client's end.</summary>
    public Endpoint Client { get; set; }

    /// <summary>The server's end.</summary>
    public Endpoint Server { get; set; }

    /// <summary>The client's socket (SO_COOKIE).</summary>
    public ulong ClientCookie { get; set; }

    /// <summary>The server's socket (SO_COOKIE).</summary>
    public ulong ServerCookie { get; set; }

    /// <summary>The request's bytes, from the start of the connection.</summary>
    public ByteRange Request { get; set; }

    /// <summary>The response's bytes, from the start of the connection.</summary>
    public ByteRange Response { get; set; }

    /// <summary>The client's times: before the first byte is sent, after the last one is read.</summary>
    public Measured ClientTimes { get; set; }

    /// <summary>The server's times: after the first byte is read, after the last one is written.</summary>
    public Measured ServerTimes { get; set; }
}

/// <summary>A time as an application measures it: the wall clock at its start, a stopwatch for its length.</summary>
/// <param name="StartUnixNs">Nanoseconds since the Unix epoch.</param>
/// <param name="LatencyMs">Milliseconds.</param>
internal readonly record struct Measured(long StartUnixNs, double LatencyMs);
