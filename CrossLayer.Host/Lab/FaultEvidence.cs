namespace CrossLayer.Host.Lab;

/// <summary>A number by which it is seen whether a fault was applied.</summary>
/// <param name="Source">Who counted: nft, tc, netstat, proc, or the server or client itself.</param>
/// <param name="Name">What was counted, in the source's own words.</param>
/// <param name="Value">Since the fault was armed.</param>
internal readonly record struct FaultReading(string Source, string Name, long Value);

/// <summary>What shows that a fault was applied, and not merely armed.</summary>
/// <param name="Proof">The number that is above zero if and only if the fault met something.</param>
/// <param name="Others">Numbers that tell more of it.</param>
internal sealed record FaultEvidence(FaultReading Proof, params IReadOnlyList<FaultReading> Others)
{
    /// <summary>Whether the fault met something.</summary>
    public bool Applied => Proof.Value > 0;
}
