using CrossLayer.Actors.Connections;

namespace CrossLayer.Actors.Correlations;

/// <summary>The facts of one batch in order of time. They mostly come so: each is moved up from the end, and equal ones keep the order in which they came.</summary>
internal sealed class FactOrder
{
    private readonly List<ConnectionFact> _facts = [];

    internal List<ConnectionFact> Of(IEnumerable<ConnectionFact> facts)
    {
        _facts.Clear();
        foreach (var fact in facts)
        {
            var at = _facts.Count;
            while (at > 0 && IsBefore(fact, _facts[at - 1]))
                at--;
            _facts.Insert(at, fact);
        }

        return _facts;
    }

    /// <summary>Nothing is held for longer than it is needed.</summary>
    internal void Clear() => _facts.Clear();

    private static bool IsBefore(ConnectionFact one, ConnectionFact other) =>
        one.TimeNs != other.TimeNs ? one.TimeNs < other.TimeNs : Rank(one).CompareTo(Rank(other)) < 0;

    /// <summary>Equal times: the client's before the server's, an opening before an ending.</summary>
    private static (bool, int, bool) Rank(ConnectionFact fact) => fact switch
    {
        ExchangeOpened opened => (opened.Id.IsServer, opened.Id.Ordinal, false),
        ExchangeSettled settled => (settled.Id.IsServer, settled.Id.Ordinal, true),
        _ => throw new ArgumentException($"unknown fact {fact}", nameof(fact)),
    };
}
