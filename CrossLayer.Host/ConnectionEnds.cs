using CrossLayer.Probe;

namespace CrossLayer.Host;

/// <summary>The ends of an application's connections, as kernel events and records have them.</summary>
internal static class ConnectionEnds
{
    extension(ClientConnection connection)
    {
        /// <summary>The client's end; null where no local address leads to the peer, or where no port was to be had.</summary>
        public Endpoint? Local => connection.LocalEnd is { } end ? Endpoint.From(end) : null;

        /// <summary>The server's end.</summary>
        public Endpoint Peer => Endpoint.From(connection.PeerEnd);
    }

    extension(ServedConnection connection)
    {
        /// <summary>The server's end.</summary>
        public Endpoint? Local => connection.LocalEnd is { } end ? Endpoint.From(end) : null;

        /// <summary>The client's end.</summary>
        public Endpoint? Peer => connection.PeerEnd is { } end ? Endpoint.From(end) : null;
    }
}
