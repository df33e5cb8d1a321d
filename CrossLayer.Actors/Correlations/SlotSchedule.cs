using CrossLayer.Actors.Connections;

namespace CrossLayer.Actors.Correlations;

/// <summary>When each request of a tuple is decided, and until when it is held. Event time.</summary>
internal sealed class SlotSchedule(long dueNs, long settleNs)
{
    private readonly DeadlineQueue<RequestSlot> _queue = new();

    /// <summary>The next time at which a request is due; <see cref="long.MaxValue"/> if none waits.</summary>
    internal long NextNs => _queue.NextNs;

    internal void Add(RequestSlot slot)
    {
        if (DeadlineNs(slot) is var due and < long.MaxValue)
            _queue.Schedule(slot, due);
    }

    /// <summary>Takes out the requests that are due, in order of their start; of those that are held, what is held no longer than that.</summary>
    internal List<RequestSlot> TakeDue(long nowNs, long holdUntilNs)
    {
        var due = new List<RequestSlot>();
        while (_queue.TakeDue(nowNs) is { } slot)
        {
            if (slot.IsGone || (slot.IsHeld && DeadlineNs(slot) > holdUntilNs))
                continue;
            if (DeadlineNs(slot) <= nowNs)
                due.Add(slot);
            else
                Add(slot);
        }

        due.Sort((one, other) => one.StartNs.CompareTo(other.StartNs));
        return due;
    }

    internal long DeadlineNs(RequestSlot slot) => slot.AgainNs > 0 ? slot.AgainNs
        : !slot.IsSettled || slot.Birth.ClientGoesOn(slot) ? long.MaxValue : slot.LastNs + dueNs;

    /// <summary>Decides a request when another is due as well, within the patience; false if it is due, or out of patience.</summary>
    internal bool WaitFor(RequestSlot slot, RequestSlot other, long nowNs, long patienceNs)
    {
        if (DeadlineNs(other) <= nowNs || nowNs >= slot.LastNs + dueNs + patienceNs)
            return false;
        slot.AgainNs = Math.Min(DeadlineNs(other), nowNs + settleNs);
        Add(slot);
        return true;
    }

    /// <summary>Until then a record may turn up whose time is further off than the tolerance.</summary>
    internal long PassedNs(RequestSlot slot) => slot.LastNs + dueNs + (2 * settleNs);

    /// <summary>When the requests that compete for the same records will be due.</summary>
    internal long DueOf(Neighbourhood around, long nowNs)
    {
        var latest = nowNs;
        foreach (var neighbour in around.Slots)
            if (!neighbour.IsHeld)
                latest = Math.Max(latest, DeadlineNs(neighbour));
        return latest;
    }
}
