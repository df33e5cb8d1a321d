namespace CrossLayer.Actors.Connections;

/// <summary>What the assembly of exchanges tells a connection entity.</summary>
/// <param name="Connection">The connection it belongs to.</param>
/// <param name="TimeNs">The event time at which it became known: CLOCK_MONOTONIC nanoseconds.</param>
public abstract record ConnectionFact(ConnectionKey Connection, long TimeNs);

/// <summary>An exchange began; its end will follow as <see cref="ExchangeSettled"/>.</summary>
/// <param name="Id">Names the exchange.</param>
/// <param name="RequestStart">Offset of the request's first byte: the same at both sockets of the connection.</param>
/// <param name="HandshakeNs">When the connection was established; 0 if that was not seen.</param>
/// <param name="IsCounted">
/// True if <see cref="ExchangeId.Ordinal"/> counts all exchanges of the connection: its handshake was seen, and no byte was missed since.
/// </param>
public sealed record ExchangeOpened(ConnectionKey Connection, long TimeNs, ExchangeId Id, long RequestStart, long HandshakeNs, bool IsCounted)
    : ConnectionFact(Connection, TimeNs);

/// <summary>Nothing more is expected of an exchange.</summary>
/// <param name="Id">Names the exchange.</param>
/// <param name="Traced">All that the kernel saw of it.</param>
public sealed record ExchangeSettled(ConnectionKey Connection, long TimeNs, ExchangeId Id, TracedExchange Traced)
    : ConnectionFact(Connection, TimeNs);

/// <summary>One exchange at one socket.</summary>
/// <param name="NetnsCookie">The socket's network namespace.</param>
/// <param name="SocketCookie">The socket.</param>
/// <param name="IsServer">True at the server's socket.</param>
/// <param name="Ordinal">1 for the first exchange on the connection.</param>
public readonly record struct ExchangeId(ulong NetnsCookie, ulong SocketCookie, bool IsServer, int Ordinal);
