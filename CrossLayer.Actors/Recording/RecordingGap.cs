namespace CrossLayer.Actors.Recording;

/// <summary>Inputs that the graph took and that are not recorded.</summary>
/// <param name="FirstOrdinal">The first of them.</param>
/// <param name="EndOrdinal">The first that is no longer one.</param>
/// <param name="WatermarkNs">The watermark before them, CLOCK_MONOTONIC nanoseconds; null before there was one.</param>
/// <param name="Events">Kernel events in them.</param>
/// <param name="Records">Request records in them.</param>
/// <param name="Reason">Why.</param>
internal sealed record RecordingGap(long FirstOrdinal, long EndOrdinal, long? WatermarkNs, long Events, long Records, string Reason)
{
    private const int MostGaps = 16;

    /// <summary>How many inputs.</summary>
    public long Inputs => EndOrdinal - FirstOrdinal;

    /// <summary>Adds a gap to those before it: one that goes on is the same, and where there are very many, the last reaches over the rest.</summary>
    public static void Add(List<RecordingGap> gaps, RecordingGap gap)
    {
        if (gaps is [.., var last] && (last.EndOrdinal == gap.FirstOrdinal || gaps.Count == MostGaps))
        {
            gaps[^1] = last with
            {
                EndOrdinal = Math.Max(last.EndOrdinal, gap.EndOrdinal),
                Events = last.Events + gap.Events,
                Records = last.Records + gap.Records,
                Reason = gap.Reason,
            };
        }
        else
        {
            gaps.Add(gap);
        }
    }

    /// <summary>The stored form.</summary>
    public Wire.Gap ToWire() => new() { FirstOrdinal = FirstOrdinal, EndOrdinal = EndOrdinal, Events = Events, Records = Records, Reason = Reason };
}
