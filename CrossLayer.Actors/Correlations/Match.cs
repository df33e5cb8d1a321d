namespace CrossLayer.Actors.Correlations;

/// <summary>How a record was brought together with the kernel's view of its request.</summary>
/// <param name="Method">What the match rests on.</param>
/// <param name="Candidates">Exchanges that fitted equally well; more than one makes the match ambiguous, and none is taken.</param>
/// <param name="Confidence">From 0 (no match) to 1.</param>
public readonly record struct Match(MatchMethod Method, int Candidates, double Confidence)
{
    /// <summary>No record, or no exchange, to match.</summary>
    public static Match None { get; } = new(MatchMethod.None, 0, 0);
}

/// <summary>What a match rests on, from strongest to weakest.</summary>
public enum MatchMethod
{
    /// <summary>The record's socket cookie, and its place on the connection.</summary>
    Cookie,

    /// <summary>The connection's endpoints, and byte counts.</summary>
    TupleBytes,

    /// <summary>The connection's endpoints, and the order of requests on it.</summary>
    TupleOrder,

    /// <summary>The connection's endpoints, and time.</summary>
    TupleTime,

    /// <summary>Not matched.</summary>
    None,
}
