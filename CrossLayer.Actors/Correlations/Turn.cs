namespace CrossLayer.Actors.Correlations;

/// <summary>A request as the kernel saw it, as far as aligning needs to know it.</summary>
/// <param name="StartNs">Its first byte.</param>
/// <param name="EndNs">The last byte of its response; its last event while there is none.</param>
/// <param name="LastNs">Its last event; <see cref="long.MaxValue"/> while it goes on.</param>
/// <param name="IsKnown">It is over: its byte counts are final.</param>
/// <param name="Birth">The connection among those that had this tuple.</param>
/// <param name="Ordinal">Its place on the connection from 1; 0 if the connection was not seen from its start.</param>
/// <param name="Cookie">The socket at the claims' end; null if that was not seen.</param>
/// <param name="IsOptional">Nobody would report it: part of a TLS handshake.</param>
internal readonly record struct Turn(
    long StartNs, long EndNs, long LastNs, long RequestBytes, long ResponseBytes, bool IsKnown, int Birth, int Ordinal, ulong? Cookie, bool IsOptional)
{
    /// <summary>It has the record of the claims' end: it is there to keep the others in order.</summary>
    public bool IsTaken { get; init; }

    /// <summary>A record of either end is its own: it is one request, and no part of another.</summary>
    public bool IsWhole { get; init; }
}
