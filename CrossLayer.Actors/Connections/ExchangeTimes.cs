namespace CrossLayer.Actors.Connections;

/// <summary>How long an exchange is waited for after the last event that moved it on, in nanoseconds.</summary>
/// <param name="SettleNs">The response is acknowledged: for what may still come, such as a reset.</param>
/// <param name="UnackedNs">Bytes were sent again and are still not acknowledged: longer than the first few retransmission timeouts (RFC 6298).</param>
/// <param name="PatienceNs">There is no response yet, or unacknowledged bytes are not sent again: the peer has stopped reading.</param>
public readonly record struct ExchangeTimes(long SettleNs, long UnackedNs, long PatienceNs);
