using CrossLayer.Actors.Connections;

namespace CrossLayer.Actors.Correlations;

/// <summary>The connections that a tuple had and that are not over yet, in order of time.</summary>
internal sealed class BirthList
{
    private readonly List<ConnectionBirth> _births = [];
    private int _next;

    internal IReadOnlyList<ConnectionBirth> All => _births;

    /// <summary>The kernel saw a connection of the tuple, now or before.</summary>
    internal bool AnySeen => _next > 0;

    internal bool AreIdle => _births.TrueForAll(birth => birth.IsIdle);

    internal ConnectionBirth? Of(ExchangeId id)
    {
        foreach (var birth in _births)
            if (birth.CookieOf(id.IsServer) == id.SocketCookie)
                return birth;
        return null;
    }

    /// <summary>The first with a request whose exchange is over.</summary>
    internal ConnectionBirth? WithSettled() => _births.Find(birth => birth.Slots.Exists(slot => slot.IsSettled));

    internal void RemoveDone() => _births.RemoveAll(birth => birth.IsIdle && birth.IsClosed);

    /// <summary>
    /// The socket's connection. Either end may be seen to move first; with a port used again several births may wait for
    /// their other end. Its handshake ends at the client before it ends at the server, and before the client's next.
    /// </summary>
    internal ConnectionBirth For(ExchangeOpened opened)
    {
        var isServer = opened.Id.IsServer;
        if (Of(opened.Id) is { } known)
            return known;
        var other = isServer
            ? _births.FindLast(birth => birth.ServerCookie is null && (opened.HandshakeNs == 0 || birth.HandshakeNs <= opened.HandshakeNs))
            : _births.Find(birth => birth.ClientCookie is null && (opened.HandshakeNs == 0 || birth.HandshakeNs == 0 || birth.HandshakeNs >= opened.HandshakeNs));
        if (other is not null)
            return other;
        var added = new ConnectionBirth(_next++);
        _births.Add(added);
        return added;
    }
}
