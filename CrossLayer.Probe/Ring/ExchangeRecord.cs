using System.Runtime.InteropServices;

namespace CrossLayer.Probe.Ring;

/// <summary>
/// A summary as it lies in the ring: <c>struct crosslayer_exchange</c> of bpf/crosslayer_event.h, which says what each field means. A
/// test compares the two layouts.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal struct ExchangeRecord
{
    /// <summary>The most events that one stands for.</summary>
    internal const int MostEvents = 7;

    internal KernelEvent End;
    internal ExchangeSummary Summary;

    /// <summary>
    /// The events that it stands for, in order of time: the first and the last call in each direction, the two between which the request
    /// paused for longest, and the acknowledgement. What lay between them is in the bytes of the next.
    /// </summary>
    /// <param name="target">Room for <see cref="MostEvents"/>.</param>
    /// <returns>How many there are.</returns>
    internal readonly int Expand(Span<KernelEvent> target)
    {
        var isClient = End.Role == SocketRole.Active;
        var (request, response) = isClient ? (KernelEventType.Send, KernelEventType.Recv) : (KernelEventType.Recv, KernelEventType.Send);
        var count = 0;
        Add(target, ref count, request, Summary.Request.First);
        Add(target, ref count, request, Summary.GapStart);
        Add(target, ref count, request, Summary.GapEnd);
        Add(target, ref count, request, Summary.Request.Last);
        Add(target, ref count, response, Summary.Response.First);
        Add(target, ref count, response, Summary.Response.Last);
        Add(target, ref count, KernelEventType.Acked, Summary.Acked);

        var (sent, received) = isClient ? (Summary.Request.Start, Summary.Response.Start) : (Summary.Response.Start, Summary.Request.Start);
        var acked = Summary.AckedBefore;
        for (var i = 0; i < count; i++)
        {
            ref var e = ref target[i];
            switch (e.Type)
            {
                case KernelEventType.Send:
                    (e.Bytes, sent) = (Between(sent, e.RangeStart), e.RangeStart);
                    break;
                case KernelEventType.Recv:
                    (e.Bytes, received) = (Between(received, e.RangeStart), e.RangeStart);
                    break;
                default:
                    acked = e.RangeStart;
                    break;
            }

            (e.Written, e.Copied, e.Received, e.Acked, e.RangeStart) = (sent, received, received, acked, 0);
            e.SrttUs = Summary.LeastSrttUs;
        }

        if (count == 0)
            return 0;
        ref var last = ref target[count - 1];
        last.Received = Math.Max(End.Received, received);
        last.SrttUs = Summary.MostSrttUs;
        return count;
    }

    private static int Between(ulong start, ulong end) => end <= start ? 0 : (int)Math.Min(end - start, int.MaxValue);

    /// <summary>
    /// Puts an event where its time belongs; its offset is in <see cref="KernelEvent.RangeStart"/> for the moment. A mark that is the
    /// one before it, or none, adds nothing.
    /// </summary>
    private readonly void Add(Span<KernelEvent> target, ref int count, KernelEventType type, StreamOffset mark)
    {
        if (mark.Ns == 0)
            return;
        var at = count;
        while (at > 0 && target[at - 1].TimestampNs > mark.Ns)
            at--;
        if (at > 0 && target[at - 1].Type == type && target[at - 1].RangeStart == mark.Offset)
            return;
        target[at..count].CopyTo(target[(at + 1)..]);
        target[at] = End;
        target[at].Type = type;
        target[at].TimestampNs = mark.Ns;
        target[at].SinceNs = End.TimestampNs;
        target[at].RangeStart = mark.Offset;
        target[at].Bytes = 0;
        // The ends of the streams are told by the event that follows.
        target[at].Flags = StreamFlags.Summarised;
        count++;
    }
}

/// <summary><c>struct crosslayer_summary</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct ExchangeSummary
{
    internal CallRun Request;
    internal CallRun Response;
    internal StreamOffset GapStart;
    internal StreamOffset GapEnd;
    internal StreamOffset Acked;
    internal ulong AckedBefore;
    internal uint LeastSrttUs;
    internal uint MostSrttUs;
}

/// <summary><c>struct crosslayer_run</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct CallRun
{
    internal ulong Start;
    internal StreamOffset First;
    internal StreamOffset Last;
}

/// <summary><c>struct crosslayer_mark</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct StreamOffset
{
    internal ulong Ns;
    internal ulong Offset;
}
