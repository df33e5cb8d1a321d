using System.Net;
using System.Text.Json;

namespace CrossLayer.Client;

/// <summary>A request as the application saw it, in the format of the daemon's request records. Null is "not known".</summary>
internal sealed record RequestReport
{
    /// <summary>The application's name for the request.</summary>
    public required string RequestId { get; init; }

    /// <summary>How long it took, in milliseconds.</summary>
    public required double LatencyMs { get; init; }

    /// <summary>HTTP status; 0 where no response came.</summary>
    public int StatusCode { get; init; }

    /// <summary>One of the results that the format knows.</summary>
    public required string Result { get; init; }

    /// <summary>True for the side that answers.</summary>
    public bool IsServer { get; init; }

    /// <summary>When it began, in nanoseconds since the Unix epoch.</summary>
    public long StartUnixNs { get; init; }

    /// <summary>This application's end.</summary>
    public IPEndPoint? Local { get; init; }

    /// <summary>The other end.</summary>
    public IPEndPoint? Peer { get; init; }

    /// <summary>HTTP method.</summary>
    public string? Method { get; init; }

    /// <summary>Route or path, without query.</summary>
    public string? Route { get; init; }

    /// <summary>Bytes of the request on the connection.</summary>
    public long? RequestBytes { get; init; }

    /// <summary>Bytes of the response on the connection.</summary>
    public long? ResponseBytes { get; init; }

    /// <summary>The socket's cookie.</summary>
    public ulong? SocketCookie { get; init; }

    /// <summary>1 for the first request on its connection.</summary>
    public int? ConnectionRequest { get; init; }

    /// <summary>The error's name.</summary>
    public string? ErrorType { get; init; }

    /// <summary>The trace it belongs to.</summary>
    public string? TraceId { get; init; }

    /// <summary>The protocol, such as <c>HTTP/1.1</c>.</summary>
    public string? Protocol { get; init; }

    /// <summary>True where the connection is encrypted.</summary>
    public bool Tls { get; init; }

    /// <summary>Writes it as a JSON object.</summary>
    /// <param name="writer">Takes it.</param>
    /// <param name="service">The application's name; null for none.</param>
    public void Write(Utf8JsonWriter writer, string? service)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WriteStartObject();
        writer.WriteString("request_id", RequestId);
        writer.WriteNumber("latency_ms", LatencyMs);
        writer.WriteNumber("status_code", StatusCode);
        writer.WriteString("result", Result);
        writer.WriteString("role", IsServer ? "server" : "client");
        writer.WriteNumber("start_unix_ns", StartUnixNs);
        Text("local_endpoint", Written(Local));
        Text("peer_endpoint", Written(Peer));
        Text("method", Method);
        Text("route", Route);
        Number("request_bytes", RequestBytes);
        Number("response_bytes", ResponseBytes);
        if (SocketCookie is { } cookie)
            writer.WriteNumber("socket_cookie", cookie);
        Number("connection_request", ConnectionRequest);
        Text("error_type", ErrorType);
        Text("service", service);
        Text("trace_id", TraceId);
        Text("protocol", Protocol);
        if (Tls)
            writer.WriteBoolean("tls", true);
        writer.WriteEndObject();

        void Text(string name, string? value)
        {
            if (value is not null)
                writer.WriteString(name, value);
        }

        void Number(string name, long? value)
        {
            if (value is { } number)
                writer.WriteNumber(name, number);
        }
    }

    // Without a zone: that is the host's own name for an interface, and no part of an address.
    private static string? Written(IPEndPoint? end)
    {
        if (end is null)
            return null;
        var address = end.Address.IsIPv4MappedToIPv6 ? end.Address.MapToIPv4() : end.Address;
        return new IPEndPoint(new IPAddress(address.GetAddressBytes()), end.Port).ToString();
    }
}
