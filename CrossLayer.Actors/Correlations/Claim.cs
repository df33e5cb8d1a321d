namespace CrossLayer.Actors.Correlations;

/// <summary>A request record, as far as aligning needs to know it.</summary>
/// <param name="Birth">The connection that has a socket with its cookie; null if none is known.</param>
/// <param name="CoarseNs">The resolution of the clock that it was made with.</param>
/// <param name="ResolutionNs">How far its times and the kernel's may lie apart, that included.</param>
/// <param name="IsTunnel">It turned the connection into a tunnel: all that follows is its own.</param>
/// <param name="Outer">Where, beyond those at hand, turns are that it may belong to.</param>
internal readonly record struct Claim(
    long? StartNs, long? EndNs, long? RequestBytes, long? ResponseBytes, int? Ordinal, ulong? Cookie, int? Birth, double CoarseNs, double ResolutionNs, bool IsTunnel, Outer Outer)
{
    /// <summary>Encrypted, its request and response have at least so many bytes; 0 where that is not known.</summary>
    internal (long Request, long Response) Least { get; init; }

    /// <summary>Not fewer bytes than there can be.</summary>
    internal bool HasRoomIn(long request, long response) => request >= Least.Request && response >= Least.Response;

    internal bool HasBytes => RequestBytes is not null || ResponseBytes is not null;

    internal bool Has(long request, long response) => (RequestBytes ?? request) == request && (ResponseBytes ?? response) == response;
}

/// <summary>Where there are turns beyond those at hand.</summary>
[Flags]
internal enum Outer
{
    None = 0,
    Before = 1,
    After = 2,
}
