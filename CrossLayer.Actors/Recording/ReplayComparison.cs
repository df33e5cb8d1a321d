using CrossLayer.Actors.Correlations;
using CrossLayer.Actors.Requests;

namespace CrossLayer.Actors.Recording;

/// <summary>What a replay decided otherwise than the run that was recorded, which left its discrepancies in the journal. Pure.</summary>
public sealed class ReplayComparison
{
    private const int MostChanges = 10_000;

    private readonly Dictionary<RequestId, List<Correlation>> _stored = [];
    private readonly List<ReplayChange> _changes = [];
    private readonly int[] _counts = new int[Enum.GetValues<ReplayChangeKind>().Length];

    /// <summary>Discrepancies that both have, with the same cause.</summary>
    public int Unchanged { get; private set; }

    /// <summary>The first of the others; those that the replay does not find at all come with <see cref="Complete"/>.</summary>
    public IReadOnlyList<ReplayChange> Changes => _changes;

    /// <summary>Discrepancies of the journal that were compared.</summary>
    public int Stored => Unchanged + this[ReplayChangeKind.OtherCause] + this[ReplayChangeKind.NoLongerFound];

    /// <summary>How many changes there are of a kind.</summary>
    public int this[ReplayChangeKind kind] => _counts[(int)kind];

    /// <summary>Adds a discrepancy of the journal; all of them before the first correlation.</summary>
    public void AddStored(Correlation discrepancy)
    {
        ArgumentNullException.ThrowIfNull(discrepancy);
        if (!_stored.TryGetValue(discrepancy.RequestId, out var known))
            _stored.Add(discrepancy.RequestId, known = []);
        // Written at least once: where the disk's answer was lost, the same correlation stands there twice.
        if (!known.Exists(other => other == discrepancy))
            known.Add(discrepancy);
    }

    /// <summary>Adds a correlation of the replay.</summary>
    public void AddReplayed(Correlation correlation)
    {
        ArgumentNullException.ThrowIfNull(correlation);
        var before = Take(correlation);
        var isDiscrepant = correlation.Finding.Verdict == Verdict.Discrepant;
        if (before is null && !isDiscrepant)
            return;
        if (before is not null && isDiscrepant && before.Finding.Cause == correlation.Finding.Cause)
            Unchanged++;
        else
            Add(new ReplayChange(before, correlation));
    }

    /// <summary>The replay is over: what it did not find is no longer found.</summary>
    /// <param name="isReplayed">True for discrepancies of requests that the replay was to find.</param>
    public void Complete(Func<Correlation, bool> isReplayed)
    {
        ArgumentNullException.ThrowIfNull(isReplayed);
        foreach (var left in _stored.Values.SelectMany(list => list).Where(isReplayed).OrderBy(one => one.ClosedAtNs).ThenBy(one => one.RequestId))
            Add(new ReplayChange(left, null));
        _stored.Clear();
    }

    private void Add(ReplayChange change)
    {
        _counts[(int)change.Kind]++;
        if (_changes.Count < MostChanges)
            _changes.Add(change);
    }

    /// <summary>The stored one of the same request: of the same name and start, and of the same cause if there is one.</summary>
    private Correlation? Take(Correlation correlation)
    {
        if (!_stored.TryGetValue(correlation.RequestId, out var known))
            return null;
        var index = known.FindIndex(one => one.StartUnixNs == correlation.StartUnixNs && one.Finding.Cause == correlation.Finding.Cause);
        if (index < 0)
            index = known.FindIndex(one => one.StartUnixNs == correlation.StartUnixNs);
        if (index < 0)
            return null;
        var taken = known[index];
        known.RemoveAt(index);
        if (known.Count == 0)
            _stored.Remove(correlation.RequestId);
        return taken;
    }
}

/// <summary>A request that a replay judged otherwise.</summary>
/// <param name="Before">What the journal holds; null where the request is newly found discrepant.</param>
/// <param name="After">What the replay found; null where it has no such request any more.</param>
public sealed record ReplayChange(Correlation? Before, Correlation? After)
{
    /// <summary>In a word.</summary>
    public ReplayChangeKind Kind => (Before, After) switch
    {
        (null, _) => ReplayChangeKind.NewlyFound,
        (_, { Finding.Verdict: Verdict.Discrepant }) => ReplayChangeKind.OtherCause,
        _ => ReplayChangeKind.NoLongerFound,
    };
}

/// <summary>How a replay judged otherwise.</summary>
public enum ReplayChangeKind
{
    /// <summary>The replay found a discrepancy where the run found none.</summary>
    NewlyFound,

    /// <summary>Both found one, of another cause.</summary>
    OtherCause,

    /// <summary>The run found a discrepancy where the replay finds none.</summary>
    NoLongerFound,
}
