using CrossLayer.Probe;

namespace CrossLayer.Actors.Requests;

/// <summary>One request as an application reported it, from the client or the server side.</summary>
public sealed record RequestRecord
{
    /// <summary>The application's name for the request; the same on both sides where both report.</summary>
    public required RequestId RequestId { get; init; }

    /// <summary>How long the request took as the application measured it, in milliseconds; not negative.</summary>
    public required double LatencyMs { get; init; }

    /// <summary>HTTP status, or 0 where no response came.</summary>
    public int StatusCode { get; init; }

    /// <summary>What the application says became of it.</summary>
    public required RequestResult Result { get; init; }

    /// <summary>Who reports.</summary>
    public RequestRole Role { get; init; }

    /// <summary>When the request began, in nanoseconds since the Unix epoch; null where the application did not say.</summary>
    public long? StartUnixNs { get; init; }

    /// <summary>The reporting application's end of the connection.</summary>
    public Endpoint? Local { get; init; }

    /// <summary>The other end.</summary>
    public Endpoint? Peer { get; init; }

    /// <summary>HTTP method.</summary>
    public string? Method { get; init; }

    /// <summary>Route or path, without query string.</summary>
    public string? Route { get; init; }

    /// <summary>Bytes of the request on the connection, headers included.</summary>
    public long? RequestBytes { get; init; }

    /// <summary>Bytes of the response on the connection, headers included.</summary>
    public long? ResponseBytes { get; init; }

    /// <summary>The kernel's cookie of the socket (SO_COOKIE).</summary>
    public ulong? SocketCookie { get; init; }

    /// <summary>1 for the first request on its connection.</summary>
    public int? ConnectionRequest { get; init; }

    /// <summary>The application's name for the error, where there was one.</summary>
    public string? ErrorType { get; init; }

    /// <summary>The service that reports.</summary>
    public string? Service { get; init; }

    /// <summary>The trace the request belongs to (W3C trace-context).</summary>
    public string? TraceId { get; init; }

    /// <summary>The application protocol as the reporter names it, such as <c>HTTP/1.1</c> or <c>HTTP/2.0</c>.</summary>
    public string? Protocol { get; init; }

    /// <summary>The connection is encrypted: the byte counts are those of the plaintext, not of the connection.</summary>
    public bool Tls { get; init; }

    /// <summary>How exact the record's times are, in milliseconds; null: as exact as clocks get.</summary>
    public double? ResolutionMs { get; init; }

    /// <summary>The application knows that this request takes long.</summary>
    public bool ExpectedSlow { get; init; }

    /// <summary>Requests share the connection, several at a time (RFC 9113): byte ranges cannot be told apart.</summary>
    public bool SharesConnection => Protocol is "HTTP/2.0" or "HTTP/2" or "h2";

    /// <summary>The connection became a tunnel: what follows the response is no request (RFC 9110, 15.2.2 and 9.3.6).</summary>
    public bool OpensTunnel => StatusCode == 101 || (Method == "CONNECT" && StatusCode is >= 200 and < 300);

    /// <summary>When the request ended, in nanoseconds since the Unix epoch.</summary>
    public long? EndUnixNs => StartUnixNs + DurationNs;

    /// <summary><see cref="LatencyMs"/> in whole nanoseconds.</summary>
    public long DurationNs => (long)(LatencyMs * 1e6);
}

/// <summary>Which side of a request a record tells of.</summary>
public enum RequestRole
{
    /// <summary>The side that sent the request.</summary>
    Client = 0,

    /// <summary>The side that answered.</summary>
    Server = 1,
}

/// <summary>What an application says became of a request.</summary>
public enum RequestResult
{
    /// <summary>A response with a status below 400.</summary>
    Success,

    /// <summary>A response with a status of 400 or more.</summary>
    HttpError,

    /// <summary>The application gave up waiting.</summary>
    Timeout,

    /// <summary>The connection was refused.</summary>
    Refused,

    /// <summary>The connection was reset.</summary>
    Reset,

    /// <summary>Anything else that went wrong.</summary>
    Error,
}
