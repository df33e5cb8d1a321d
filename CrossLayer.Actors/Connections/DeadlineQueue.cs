namespace CrossLayer.Actors.Connections;

/// <summary>Something that is looked at again at an event time.</summary>
internal interface IScheduled
{
    /// <summary>The time it stands in the queue for; <see cref="long.MaxValue"/> if it does not. Written by the queue.</summary>
    long ScheduledNs { get; set; }
}

/// <summary>
/// Times at which things are due. Moving one to an earlier time leaves its old place behind, to be skipped; moving it
/// to a later one is left to whoever takes it out too early and schedules it again.
/// </summary>
internal sealed class DeadlineQueue<T> where T : class, IScheduled
{
    private readonly PriorityQueue<T, long> _queue = new();

    /// <summary>Makes sure that the item comes out at the time or before.</summary>
    internal void Schedule(T item, long timeNs)
    {
        if (timeNs >= item.ScheduledNs)
            return;
        item.ScheduledNs = timeNs;
        _queue.Enqueue(item, timeNs);
    }

    /// <summary>When the next item is due; <see cref="long.MaxValue"/> if none is.</summary>
    internal long NextNs
    {
        get
        {
            while (_queue.TryPeek(out var item, out var timeNs))
            {
                if (item.ScheduledNs == timeNs)
                    return timeNs;
                _queue.Dequeue();
            }

            return long.MaxValue;
        }
    }

    /// <summary>Takes out the next item that is due.</summary>
    internal T? TakeDue(long nowNs)
    {
        while (_queue.TryPeek(out var item, out var timeNs) && timeNs <= nowNs)
        {
            _queue.Dequeue();
            if (item.ScheduledNs != timeNs)
                continue;
            item.ScheduledNs = long.MaxValue;
            return item;
        }

        return null;
    }
}
