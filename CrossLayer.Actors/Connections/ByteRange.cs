namespace CrossLayer.Actors.Connections;

/// <summary>Bytes <c>[Start, End)</c> of a stream, counted from the connection's start.</summary>
public readonly record struct ByteRange(long Start, long End)
{
    /// <summary>How many bytes.</summary>
    public long Length => End - Start;

    /// <summary>True if the byte at <paramref name="offset"/> is one of them.</summary>
    public bool Contains(long offset) => offset >= Start && offset < End;
}
