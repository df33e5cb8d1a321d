namespace CrossLayer.Actors.Requests;

/// <summary>
/// The records of one source, in the order in which they were written: as their requests ended. Each can be had as often as it is
/// wanted, so that a keeper of very many need not hold them in memory. One user at a time.
/// </summary>
public abstract class RecordSource
{
    /// <summary>How many there are.</summary>
    public abstract int Count { get; }

    /// <summary>The record at a place.</summary>
    public abstract RequestRecord this[int index] { get; }

    /// <summary>When the record at a place began, in nanoseconds since the Unix epoch, null if it does not say; and for how long it went on, in nanoseconds.</summary>
    public virtual (long? StartUnixNs, long DurationNs) TimeOf(int index) => (this[index].StartUnixNs, this[index].DurationNs);

    /// <summary>Records in memory.</summary>
    public static RecordSource Of(IReadOnlyList<RequestRecord> records) => new InMemory(records);

    private sealed class InMemory(IReadOnlyList<RequestRecord> records) : RecordSource
    {
        public override int Count => records.Count;

        public override RequestRecord this[int index] => records[index];
    }
}
