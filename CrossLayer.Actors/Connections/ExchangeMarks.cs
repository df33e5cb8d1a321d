using System.Collections.Immutable;

namespace CrossLayer.Actors.Connections;

/// <summary>A stream had come so far at a time.</summary>
/// <param name="Offset">Offset of the byte after the last.</param>
/// <param name="TimeNs">CLOCK_MONOTONIC nanoseconds.</param>
public readonly record struct StreamMark(long Offset, long TimeNs);

/// <summary>
/// How the streams of an exchange advanced, so that it can be cut where one request ends and the next begins
/// (<see cref="TracedExchange"/>). Offsets and times grow.
/// </summary>
/// <param name="Request">Request bytes written (client) or read (server).</param>
/// <param name="Response">Response bytes written (server) or read (client).</param>
/// <param name="Acked">What this socket sent, as the peer acknowledged it.</param>
/// <param name="Retransmits">Where each segment that was sent again begins.</param>
public sealed record ExchangeMarks(
    ImmutableArray<StreamMark> Request, ImmutableArray<StreamMark> Response, ImmutableArray<StreamMark> Acked, ImmutableArray<long> Retransmits)
{
    /// <summary>Marks kept of one stream. Beyond, only the newest moves on: cuts in between become less exact.</summary>
    internal const int Most = 64;

    /// <summary>Marks kept of one stream of exchanges that count as one, in the same way: as many as they may be, as in a tunnel.</summary>
    internal const int MostJoined = 4 * Most;

    /// <summary>Nothing happened.</summary>
    public static ExchangeMarks Empty { get; } = new([], [], [], []);

    /// <summary>These marks, then <paramref name="later"/>.</summary>
    internal ExchangeMarks Then(ExchangeMarks later) => new(
        Then(Request, later.Request), Then(Response, later.Response), Then(Acked, later.Acked), Then(Retransmits, later.Retransmits));

    private static ImmutableArray<T> Then<T>(ImmutableArray<T> marks, ImmutableArray<T> later)
    {
        if (later.Length == 0)
            return marks;
        if (marks.Length + later.Length <= MostJoined)
            return [.. marks, .. later];
        var kept = Math.Min(marks.Length, MostJoined - 1);
        return [.. marks.AsSpan()[..kept], .. later.AsSpan()[..(MostJoined - 1 - kept)], later[^1]];
    }
}

/// <summary>Marks being gathered.</summary>
internal sealed class MarkList
{
    private readonly List<StreamMark> _marks = [];

    internal void Add(long offset, long timeNs)
    {
        if (_marks.Count > 0 && _marks[^1].Offset >= offset)
            return;
        if (_marks.Count == ExchangeMarks.Most)
            _marks[^1] = new StreamMark(offset, timeNs);
        else
            _marks.Add(new StreamMark(offset, timeNs));
    }

    /// <summary>When the byte at <paramref name="offset"/> came; null if it did not.</summary>
    internal long? TimeOf(long offset)
    {
        foreach (var mark in _marks)
            if (mark.Offset > offset)
                return mark.TimeNs;
        return null;
    }

    internal void Clear() => _marks.Clear();

    internal ImmutableArray<StreamMark> ToImmutable() => [.. _marks];
}
