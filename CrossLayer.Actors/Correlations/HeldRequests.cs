namespace CrossLayer.Actors.Correlations;

/// <summary>
/// Requests that were due and are waited with: nobody reports them yet, and a record may come that spans them and the next;
/// or one end has reported them, and the other end's record may be one whose clock is far off. Bounded for each connection.
/// </summary>
internal sealed class HeldRequests(SlotSchedule schedule, WindowEmitter windows, Action<RequestSlot, long> close)
{
    private const int Most = 64;

    /// <summary>Holds a request that nobody reports.</summary>
    internal void Hold(RequestSlot slot, long untilNs, long nowNs)
    {
        Keep(slot, untilNs);
        Bound(slot, nowNs);
    }

    /// <summary>Holds a request that one end has reported, if the other end reports its requests and may still report this one; false if it is not held.</summary>
    internal bool HoldForOtherEnd(RequestSlot slot, long nowNs)
    {
        var missing = (slot.ClientRecord is null ? Roles.Client : Roles.None) | (slot.ServerRecord is null ? Roles.Server : Roles.None);
        if (schedule.PassedNs(slot) is var until && until <= nowNs)
            return false;
        if ((windows.Reporters(slot, nowNs) & missing) == Roles.None)
            return false;
        slot.IsPassed = true;
        Keep(slot, until);
        Bound(slot, nowNs);
        return !slot.IsGone;
    }

    private void Bound(RequestSlot slot, long nowNs)
    {
        var birth = slot.Birth;
        if (birth.Held <= Most)
            return;
        var first = birth.Slots.FindIndex(other => other.IsHeld);
        var isContested = birth.Slots[first] is { IsContested: true, IsClaimed: false };
        if (isContested)
            birth.LoseOrder(birth.Slots[first]);
        if (isContested || (windows.Reporters(slot, nowNs) == Roles.None && !birth.IsShared) || windows.MayBeUntimed || birth.Slots[first].IsPassed
            || birth.Slots[first + 1] is not { IsHeld: true, IsClaimed: false })
        {
            close(birth.Slots[first], nowNs);
            return;
        }

        // Bounded: the two oldest count as one from here on.
        var (older, newer) = (birth.Slots[first], birth.Slots[first + 1]);
        var (one, next) = (older.Traced!.Exchange, newer.Traced!.Exchange);
        var joined = birth.Replace(first, 2, [(one.Request with { End = next.Request.End }, one.Response with { End = next.Response.End })])[0];
        joined.IsContested = older.IsContested || newer.IsContested;
        Keep(joined, newer.AgainNs);
    }

    /// <summary>
    /// A record proves that what is held before it on its connection is not part of something longer. None closes before
    /// the time at which that is known: correlations come in order of time.
    /// </summary>
    internal void PassBefore(RequestSlot slot, long knownNs)
    {
        if (slot.Birth.Held == 0)
            return;
        foreach (var earlier in slot.Birth.Slots.TakeWhile(other => other != slot).Where(other => other is { IsHeld: true, IsPassed: false }))
        {
            earlier.IsPassed = true;
            earlier.AgainNs = Math.Min(earlier.AgainNs, Math.Max(schedule.PassedNs(earlier), knownNs));
            schedule.Add(earlier);
        }
    }

    private void Keep(RequestSlot slot, long untilNs)
    {
        slot.Birth.Held += slot.IsHeld ? 0 : 1;
        (slot.IsHeld, slot.AgainNs) = (true, untilNs);
        schedule.Add(slot);
    }
}
