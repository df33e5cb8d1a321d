using CrossLayer.Actors.Requests;

namespace CrossLayer.Actors.Journal.Mapping;

/// <summary>A request record to and from its stored form.</summary>
internal static class RequestRecordMapping
{
    public static Wire.RequestRecord ToWire(this RequestRecord record, RequestId correlation)
    {
        var wire = new Wire.RequestRecord
        {
            RequestId = record.RequestId == correlation ? null : record.RequestId.ToWire(),
            LatencyMs = record.LatencyMs,
            StatusCode = record.StatusCode,
            Result = record.Result.ToWire(),
            Role = record.Role.ToWire(),
            Local = record.Local?.ToWire(),
            Peer = record.Peer?.ToWire(),
            ExpectedSlow = record.ExpectedSlow,
            Tls = record.Tls,
        };
        if (record.StartUnixNs is { } start)
            wire.StartUnixNs = start;
        if (record.Method is { } method)
            wire.Method = method;
        if (record.Route is { } route)
            wire.Route = route;
        if (record.RequestBytes is { } requestBytes)
            wire.RequestBytes = requestBytes;
        if (record.ResponseBytes is { } responseBytes)
            wire.ResponseBytes = responseBytes;
        if (record.SocketCookie is { } cookie)
            wire.SocketCookie = cookie;
        if (record.ConnectionRequest is { } ordinal)
            wire.ConnectionRequest = ordinal;
        if (record.ErrorType is { } error)
            wire.ErrorType = error;
        if (record.Service is { } service)
            wire.Service = service;
        if (record.TraceId is { } trace)
            wire.TraceId = trace;
        if (record.Protocol is { } protocol)
            wire.Protocol = protocol;
        if (record.ResolutionMs is { } resolution)
            wire.ResolutionMs = resolution;
        return wire;
    }

    public static RequestRecord FromWire(this Wire.RequestRecord wire, RequestId correlation) => new()
    {
        RequestId = wire.RequestId?.FromWire() ?? correlation,
        LatencyMs = wire.LatencyMs,
        StatusCode = wire.StatusCode,
        Result = wire.Result.FromWire(),
        Role = wire.Role.FromWire(),
        StartUnixNs = wire.HasStartUnixNs ? wire.StartUnixNs : null,
        Local = wire.Local?.FromWire(),
        Peer = wire.Peer?.FromWire(),
        Method = wire.HasMethod ? wire.Method : null,
        Route = wire.HasRoute ? wire.Route : null,
        RequestBytes = wire.HasRequestBytes ? wire.RequestBytes : null,
        ResponseBytes = wire.HasResponseBytes ? wire.ResponseBytes : null,
        SocketCookie = wire.HasSocketCookie ? wire.SocketCookie : null,
        ConnectionRequest = wire.HasConnectionRequest ? wire.ConnectionRequest : null,
        ErrorType = wire.HasErrorType ? wire.ErrorType : null,
        Service = wire.HasService ? wire.Service : null,
        TraceId = wire.HasTraceId ? wire.TraceId : null,
        ExpectedSlow = wire.ExpectedSlow,
        Protocol = wire.HasProtocol ? wire.Protocol : null,
        Tls = wire.Tls,
        ResolutionMs = wire.HasResolutionMs ? wire.ResolutionMs : null,
    };
}
