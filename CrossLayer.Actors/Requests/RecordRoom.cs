namespace CrossLayer.Actors.Requests;

/// <summary>How many records may wait for the graph at one time. Safe for several threads.</summary>
/// <param name="size">The most that may wait.</param>
public sealed class RecordRoom(int size)
{
    private int _waiting;

    /// <summary>Records that wait now.</summary>
    public int Waiting => Volatile.Read(ref _waiting);

    /// <summary>Takes as many in as there is room for.</summary>
    /// <returns>How many of <paramref name="count"/> that are.</returns>
    public int Enter(int count)
    {
        while (true)
        {
            var before = Volatile.Read(ref _waiting);
            var taken = Math.Min(count, size - before);
            if (taken <= 0)
                return 0;
            if (Interlocked.CompareExchange(ref _waiting, before + taken, before) == before)
                return taken;
        }
    }

    /// <summary>The graph has taken so many.</summary>
    public void Leave(int count) => Interlocked.Add(ref _waiting, -count);
}
