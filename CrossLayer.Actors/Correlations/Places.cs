namespace CrossLayer.Actors.Correlations;

/// <summary>
/// Which requests of a connection have the place that they seem to have. They do from the handshake on, until one comes that
/// no record names: it may have been part of another (100-continue that nobody reported), and all after it would be one too
/// far. A record and a request that agree show that it was not.
/// </summary>
internal sealed class Places
{
    private int _agreed;
    private bool _hold = true;

    internal bool AreCertain(RequestSlot slot) => slot.Ordinal > 0 && (_hold || slot.Ordinal <= _agreed);

    /// <summary>A record was matched with a request.</summary>
    internal void Learn(RequestSlot slot, int? named)
    {
        if (slot.Ordinal == 0 || named is null)
            return;
        _hold = named == slot.Ordinal;
        if (_hold)
            _agreed = Math.Max(_agreed, slot.Ordinal);
    }

    /// <summary>A request is due, and no record names its place.</summary>
    internal void Doubt() => _hold = false;

    /// <summary>Requests were joined or cut: from there on places are others.</summary>
    internal void Shift(int from) => (_hold, _agreed) = (false, Math.Min(_agreed, from - 1));
}
