using CrossLayer.Host.Lab.Injection;
using CrossLayer.Host.Lab.Traffic;

namespace CrossLayer.Host.Experiments;

/// <summary>
/// Says to which requests packets belong: by their port, and by their place in the stream, which begins one after the
/// handshake's sequence number (RFC 9293, 3.4). Packets without data are nobody's: a lost acknowledgement is none of a request's.
/// </summary>
internal sealed class TouchMap
{
    // An IP header has 20 bytes here, a TCP header 20 to 60.
    private const int MostHeaderBytes = 80;

    private readonly ushort _serverPort;
    private readonly ILookup<(ushort Source, ushort Destination), uint> _starts;
    private readonly ILookup<ushort, Place> _places;

    /// <summary>A map of requests.</summary>
    /// <param name="serverPort">The server's port.</param>
    /// <param name="handshakes">The packets that opened connections.</param>
    /// <param name="sent">The requests.</param>
    public TouchMap(ushort serverPort, IEnumerable<LoggedPacket> handshakes, IReadOnlyList<SentRequest> sent)
    {
        _serverPort = serverPort;
        _starts = handshakes.ToLookup(packet => (packet.SourcePort, packet.DestinationPort), packet => packet.Sequence);
        _places = sent
            .SelectMany(request => request.Trace.Attempts.Select(attempt => new Place(request, attempt)))
            .Where(place => place.Attempt.Connection.Local is not null)
            .ToLookup(place => place.Attempt.Connection.Local!.Value.Port);
    }

    /// <summary>The requests that packets belong to.</summary>
    public IReadOnlySet<SentRequest> Requests(IEnumerable<LoggedPacket> packets)
    {
        var touched = new HashSet<SentRequest>(ReferenceEqualityComparer.Instance);
        foreach (var packet in packets)
            if (Of(packet) is { } request)
                touched.Add(request);
        return touched;
    }

    private SentRequest? Of(LoggedPacket packet)
    {
        var fromClient = packet.DestinationPort == _serverPort;
        var places = _places[fromClient ? packet.SourcePort : packet.DestinationPort].ToList();
        if (places.Count == 0)
            return null;
        // A port may have had several connections, each with a start of its own: the nearest below.
        var (start, offset) = Nearest(packet);
        var connection = ConnectionOf(places, fromClient, packet, start);
        var own = places.Where(place => ReferenceEquals(place.Attempt.Connection, connection)).ToList();
        if (offset < 0)
            return own.MinBy(place => place.Attempt.UnixNs).Request;
        if (packet.Bytes <= packet.Packets * MostHeaderBytes)
            return null;
        return own
            .Where(place => place.Attempt.Ordinal is not null && (fromClient ? place.Attempt.WrittenBefore : place.Attempt.ReadBefore) <= offset)
            .OrderBy(place => place.Attempt.Ordinal)
            .Select(place => place.Request)
            .LastOrDefault();
    }

    /// <summary>Where the packet's stream begins, and how far behind its first byte the packet is; -1 for the packet that opens it.</summary>
    private (uint? Start, long Offset) Nearest(LoggedPacket packet)
    {
        uint? start = null;
        foreach (var candidate in _starts[(packet.SourcePort, packet.DestinationPort)])
            if (start is null || packet.Sequence - candidate < packet.Sequence - start.Value)
                start = candidate;
        return (start, start is { } known ? (long)(packet.Sequence - known) - 1 : -1);
    }

    /// <summary>The connection, of those of a port one after the other: as many as there are starts, in the same order.</summary>
    private ClientConnection ConnectionOf(List<Place> places, bool fromClient, LoggedPacket packet, uint? start)
    {
        var connections = places.OrderBy(place => place.Attempt.UnixNs).Select(place => place.Attempt.Connection).Distinct().ToList();
        var starts = _starts[(packet.SourcePort, packet.DestinationPort)].ToList();
        if (connections.Count == 1 || start is null)
            return connections[^1];
        // The kernel's initial sequence numbers of a tuple grow with its clock (RFC 6528), and nft keeps its set in no order.
        var first = starts.MinBy(candidate => (int)(candidate - start.Value));
        var rank = starts.Count(candidate => candidate - first < start.Value - first);
        // An answer may never have come: then the server's starts are fewer, and the last are what there is.
        return connections[Math.Clamp(fromClient ? rank : connections.Count - starts.Count + rank, 0, connections.Count - 1)];
    }

    private readonly record struct Place(SentRequest Request, RequestAttempt Attempt);
}
