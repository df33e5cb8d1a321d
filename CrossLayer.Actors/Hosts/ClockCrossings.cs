using CrossLayer.Actors.Connections;
using CrossLayer.Probe;

namespace CrossLayer.Actors.Hosts;

/// <summary>
/// What the traffic between two hosts says of their clocks. Cause comes before effect: a client's host is connected before the
/// server's host is, and a server reads a request before its client reads the response. Each connection between them therefore
/// bounds how far one clock is ahead of the other, from both sides, without either host being told the time. Plain state.
/// </summary>
/// <remarks>
/// Only moments that a hook tells of before anything can follow from them are used: a send is told of as the call returns, when
/// the bytes may have arrived already. Lamport, Time, Clocks, and the Ordering of Events in a Distributed System, 1978.
/// </remarks>
public sealed class ClockCrossings
{
    private const int MostConnections = 65_536;

    private readonly Dictionary<ConnectionKey, Crossing> _open = [];
    private readonly List<ClockBound> _bounds = [];

    /// <summary>What is known, one of each connection that both hosts saw, in the order in which it was found.</summary>
    public IReadOnlyList<ClockBound> Bounds => _bounds;

    /// <summary>Takes in an event of either host; those of one host in order of time.</summary>
    /// <param name="e">The event.</param>
    /// <param name="atPeer">It is the peer's, on its clock.</param>
    public void Add(in KernelEvent e, bool atPeer)
    {
        if (e.Role is not (SocketRole.Active or SocketRole.Passive))
            return;
        var key = ConnectionKey.Of(e.Local, e.Peer);
        if (!_open.TryGetValue(key, out var crossing))
        {
            if (!Crossing.Begins(in e))
                return;
            if (_open.Count == MostConnections)
                _open.Remove(_open.Keys.First());
            _open.Add(key, crossing = new Crossing());
        }

        if (!crossing.Take(in e, atPeer, _bounds))
            _open.Remove(key);
    }

    /// <summary>
    /// The connections of one tuple, one after the other: the client's first end belongs to the server's first, and so on. Where one was
    /// not seen, those behind it are paired wrongly; what they say contradicts all others (<see cref="PeerClock"/>).
    /// </summary>
    private sealed class Crossing
    {
        private readonly Queue<End> _clients = [];
        private readonly Queue<End> _servers = [];
        private End? _client;
        private End? _server;

        internal static bool Begins(in KernelEvent e) => e is { Type: KernelEventType.Connect, Error: 0 } or { Type: KernelEventType.Accept };

        /// <summary>False if nothing is waited for any more.</summary>
        internal bool Take(in KernelEvent e, bool atPeer, List<ClockBound> bounds)
        {
            var isClient = e.Role == SocketRole.Active;
            ref var end = ref isClient ? ref _client : ref _server;
            if (Begins(in e))
            {
                end?.IsOver = true;
                end = new End((long)e.TimestampNs, atPeer);
                (isClient ? _clients : _servers).Enqueue(end);
            }

            end?.Note(in e);
            while (_clients.TryPeek(out var client) && _servers.TryPeek(out var server) && client.IsOver && server.IsOver)
            {
                if (Bound(client, server) is { } bound)
                    bounds.Add(bound);
                _clients.Dequeue();
                _servers.Dequeue();
            }

            return _clients.Count > 0 || _servers.Count > 0;
        }

        private static ClockBound? Bound(End client, End server)
        {
            if (client.AtPeer == server.AtPeer)
                return null;
            // How far the server's clock is ahead of the client's.
            var most = server.BegunNs - client.BegunNs;
            var least = server.SpokeFirst ? null : server.ReadNs - client.ReadNs;
            return server.AtPeer ? new ClockBound(server.BegunNs, least, most) : new ClockBound(client.BegunNs, -most, -least);
        }
    }

    /// <summary>What one socket saw of its connection.</summary>
    private sealed class End(long begunNs, bool atPeer)
    {
        internal long BegunNs => begunNs;

        internal bool AtPeer => atPeer;

        internal long? ReadNs { get; private set; }

        /// <summary>A server that writes before it reads says nothing by what it reads.</summary>
        internal bool SpokeFirst { get; private set; }

        /// <summary>Nothing more is to be learned from it.</summary>
        internal bool IsOver { get; set; }

        internal void Note(in KernelEvent e)
        {
            if (IsOver)
                return;
            if (e is { Type: KernelEventType.Recv, Bytes: > 0 })
                ReadNs = (long)e.TimestampNs;
            SpokeFirst |= e.Type == KernelEventType.Send;
            IsOver = ReadNs is not null || e.Type == KernelEventType.Close;
        }
    }
}

/// <summary>What one connection says of how far the peer's clock is ahead, in nanoseconds.</summary>
/// <param name="AtNs">When, on the peer's clock.</param>
/// <param name="LeastNs">No less than this; null if that is not known.</param>
/// <param name="MostNs">No more than this; null if that is not known.</param>
public readonly record struct ClockBound(long AtNs, long? LeastNs, long? MostNs);
