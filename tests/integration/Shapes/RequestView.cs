using System.Diagnostics;
using CrossLayer.Actors.Connections;

namespace CrossLayer.Integration.Tests.Shapes;

/// <summary>A request as one side's application sees it: what it wrote and read, by its own clock.</summary>
internal sealed class RequestView
{
    private static readonly (long Timestamp, long UnixNs) Origin = ReadBothClocks();

    private long _started;
    private long _ended;

    /// <summary>Nanoseconds since the Unix epoch; 0 before the first byte.</summary>
    internal long StartUnixNs { get; private set; }

    internal double LatencyMs => Stopwatch.GetElapsedTime(_started, _ended).TotalMilliseconds;

    /// <summary>The request's bytes in their stream, as far as this side wrote or read them.</summary>
    internal ByteRange Request { get; private set; }

    /// <summary>The response's.</summary>
    internal ByteRange Response { get; private set; }

    /// <summary>Now, if it had not begun.</summary>
    internal void Begin()
    {
        if (StartUnixNs > 0)
            return;
        // One clock for start and end: of requests that end within microseconds of each other the order must be that of their ends.
        _started = _ended = Stopwatch.GetTimestamp();
        StartUnixNs = Origin.UnixNs + (long)Stopwatch.GetElapsedTime(Origin.Timestamp, _started).TotalNanoseconds;
    }

    /// <summary>It goes on until now at least.</summary>
    internal void End()
    {
        Begin();
        _ended = Stopwatch.GetTimestamp();
    }

    /// <summary>Request bytes were written or read.</summary>
    internal void AddRequest(int bytes, ref long stream)
    {
        Request = Add(Request, bytes, ref stream);
        End();
    }

    /// <summary>Response bytes were written or read.</summary>
    internal void AddResponse(int bytes, ref long stream)
    {
        Response = Add(Response, bytes, ref stream);
        End();
    }

    /// <summary>Both clocks at one moment: a thread that loses its CPU between the two would place all requests elsewhere.</summary>
    private static (long Timestamp, long UnixNs) ReadBothClocks()
    {
        (long Timestamp, long UnixNs) read;
        do
        {
            read = (Stopwatch.GetTimestamp(), (DateTime.UtcNow - DateTime.UnixEpoch).Ticks * 100);
        }
        while (Stopwatch.GetElapsedTime(read.Timestamp) > TimeSpan.FromMilliseconds(0.1));
        return read;
    }

    private static ByteRange Add(ByteRange range, int bytes, ref long stream)
    {
        var start = range.Length == 0 ? stream : range.Start;
        stream += bytes;
        return new ByteRange(start, stream);
    }
}
