using System.Collections.Immutable;

namespace CrossLayer.Actors.Connections;

/// <summary>
/// An exchange with its marks: what the change of direction on the wire made one, and what can be joined and cut where
/// the requests' byte counts say otherwise (100-continue, early responses, pipelining). Pure.
/// </summary>
/// <param name="Exchange">The exchange.</param>
/// <param name="Marks">How its streams advanced.</param>
public sealed record TracedExchange(Exchange Exchange, ExchangeMarks Marks)
{
    /// <summary>This exchange and the next on the same socket as one.</summary>
    internal TracedExchange Join(TracedExchange next)
    {
        var (a, b) = (Exchange, next.Exchange);
        var joined = a with
        {
            Request = a.Request with { End = b.Request.End },
            Response = a.Response with { End = b.Response.End },
            RequestStartNs = a.RequestStartNs ?? b.RequestStartNs,
            RequestEndNs = b.RequestEndNs ?? a.RequestEndNs,
            // An interim response (RFC 9110, 15.2) comes before the request's end: the answer begins after it.
            ResponseStartNs = b.ResponseStartNs ?? a.ResponseStartNs,
            ResponseEndNs = b.ResponseEndNs ?? a.ResponseEndNs,
            AckedNs = SentBy(b).Length > 0 ? b.AckedNs : a.AckedNs,
            UnackedBytes = a.UnackedBytes + b.UnackedBytes,
            UnreadBytes = Math.Max(a.UnreadBytes, b.UnreadBytes),
            ClosedNs = b.ClosedNs ?? a.ClosedNs,
            FinReceivedNs = a.FinReceivedNs ?? b.FinReceivedNs,
            ResetReceivedNs = a.ResetReceivedNs ?? b.ResetReceivedNs,
            ResetSentNs = a.ResetSentNs ?? b.ResetSentNs,
            Retransmits = a.Retransmits + b.Retransmits,
            SynRetransmits = a.SynRetransmits + b.SynRetransmits,
            Drops = a.Drops + b.Drops,
            EgressDrops = a.EgressDrops + b.EgressDrops,
            RepeatedRetransmits = Math.Max(a.RepeatedRetransmits, b.RepeatedRetransmits),
            PausedNs = a.PausedNs + b.PausedNs,
            RequestGapNs = Math.Max(a.RequestGapNs, b.RequestGapNs),
            RttNs = Math.Max(a.RttNs, b.RttNs),
            LeastRttNs = b.LeastRttNs > 0 ? b.LeastRttNs : a.LeastRttNs,
            PeerSentReset = b.PeerSentReset ?? a.PeerSentReset,
            RwndLimitedNs = a.RwndLimitedNs + b.RwndLimitedNs,
            SndbufLimitedNs = a.SndbufLimitedNs + b.SndbufLimitedNs,
            RecoveryNs = a.RecoveryNs + b.RecoveryNs,
            Summarised = a.Summarised || b.Summarised,
            EventCount = a.EventCount + b.EventCount,
            Complete = a.Complete && b.Complete,
            LastNs = Math.Max(a.LastNs, b.LastNs),
        };
        return new TracedExchange(joined, Marks.Then(next.Marks));
    }

    /// <summary>
    /// The part that lies in the two ranges. What happened once to the whole (connect, close, a reset, waiting for the
    /// peer's window) goes to the first part or the last.
    /// </summary>
    internal TracedExchange Cut(ByteRange request, ByteRange response, bool isFirst, bool isLast)
    {
        if (request == Exchange.Request && response == Exchange.Response)
            return this;
        var marks = new ExchangeMarks(
            Within(Marks.Request, request), Within(Marks.Response, response),
            Within(Marks.Acked, Exchange.IsServer ? response : request),
            [.. Marks.Retransmits.Where((Exchange.IsServer ? response : request).Contains)]);
        var sent = Exchange.IsServer ? response : request;
        var acked = Marks.Acked.Length > 0 ? Marks.Acked[^1].Offset : Exchange.UnackedBytes == 0 ? sent.End : SentBy(Exchange).End - Exchange.UnackedBytes;
        var start = First(marks.Request) ?? First(marks.Response) ?? Exchange.FirstNs;
        var last = new[] { Last(marks.Request), Last(marks.Response), Last(marks.Acked), isLast ? Exchange.LastNs : null }.Max() ?? Exchange.LastNs;
        var part = Exchange with
        {
            Request = request,
            Response = response,
            ConnectStartNs = isFirst ? Exchange.ConnectStartNs : null,
            ConnectEndNs = isFirst ? Exchange.ConnectEndNs : null,
            FirstNs = isFirst ? Exchange.FirstNs : start,
            RequestStartNs = First(marks.Request),
            RequestEndNs = Last(marks.Request),
            ResponseStartNs = First(marks.Response),
            ResponseEndNs = Last(marks.Response),
            AckedNs = acked >= sent.End ? Last(marks.Acked) : null,
            UnackedBytes = Math.Max(0, sent.End - Math.Max(sent.Start, acked)),
            UnreadBytes = isLast ? Exchange.UnreadBytes : 0,
            ClosedNs = isLast ? Exchange.ClosedNs : null,
            FinReceivedNs = isLast ? Exchange.FinReceivedNs : null,
            ResetReceivedNs = isLast ? Exchange.ResetReceivedNs : null,
            ResetSentNs = isLast ? Exchange.ResetSentNs : null,
            Retransmits = marks.Retransmits.Length,
            SynRetransmits = isFirst ? Exchange.SynRetransmits : 0,
            Drops = isLast ? Exchange.Drops : 0,
            EgressDrops = isLast ? Exchange.EgressDrops : 0,
            RepeatedRetransmits = marks.Retransmits.Length > 0 ? Exchange.RepeatedRetransmits : 0,
            PausedNs = isLast ? Exchange.PausedNs : 0,
            RequestGapNs = isLast ? Exchange.RequestGapNs : 0,
            IdleNs = isFirst ? Exchange.IdleNs : null,
            PeerSynackRetransmits = isFirst ? Exchange.PeerSynackRetransmits : 0,
            RwndLimitedNs = isLast ? Exchange.RwndLimitedNs : 0,
            SndbufLimitedNs = isLast ? Exchange.SndbufLimitedNs : 0,
            RecoveryNs = marks.Retransmits.Length > 0 ? Exchange.RecoveryNs : 0,
            // In a summary, what one request did and what the next did are one.
            Complete = Exchange.Complete && !Exchange.Summarised,
            EventCount = marks.Request.Length + marks.Response.Length + marks.Retransmits.Length,
            LastNs = last,
        };
        return new TracedExchange(part, marks);
    }

    private static ByteRange SentBy(Exchange exchange) => exchange.IsServer ? exchange.Response : exchange.Request;

    /// <summary>The marks by which the range's bytes came: the one that passes its end still counts, with its time.</summary>
    private static ImmutableArray<StreamMark> Within(ImmutableArray<StreamMark> marks, ByteRange range)
    {
        var within = ImmutableArray.CreateBuilder<StreamMark>();
        foreach (var mark in marks)
        {
            if (mark.Offset <= range.Start || range.Length == 0)
                continue;
            within.Add(mark with { Offset = Math.Min(mark.Offset, range.End) });
            if (mark.Offset >= range.End)
                break;
        }

        return within.ToImmutable();
    }

    private static long? First(ImmutableArray<StreamMark> marks) => marks.Length > 0 ? marks[0].TimeNs : null;

    private static long? Last(ImmutableArray<StreamMark> marks) => marks.Length > 0 ? marks[^1].TimeNs : null;
}
