using System.Diagnostics;
using CrossLayer.Actors.Requests;

namespace CrossLayer.Host.Lab.Traffic;

/// <summary>A request that is written by hand; its time begins with it.</summary>
/// <param name="Id">Its nonce.</param>
/// <param name="Method">Its method.</param>
/// <param name="Route">Its path.</param>
/// <param name="Ordinal">1 for the first on its connection.</param>
/// <param name="Head">Its bytes up to the body.</param>
internal sealed record PlainRequest(RequestId Id, string Method, string Route, int Ordinal, ReadOnlyMemory<byte> Head)
{
    private readonly long _started = Stopwatch.GetTimestamp();

    /// <summary>When it began: nanoseconds since the Unix epoch.</summary>
    public long StartUnixNs { get; } = UnixTime.NowNs();

    /// <summary>How long ago that is.</summary>
    public TimeSpan Elapsed => Stopwatch.GetElapsedTime(_started);
}
