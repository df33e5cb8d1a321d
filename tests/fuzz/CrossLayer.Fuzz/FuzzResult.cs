using System.Globalization;

namespace CrossLayer.Fuzz;

/// <summary>What became of a target's inputs.</summary>
internal sealed record FuzzResult(string Target, long Inputs, long Accepted, long Refused, IReadOnlyList<Finding> Findings)
{
    /// <inheritdoc/>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Target,-16} {Inputs,10:N0} inputs {Accepted,10:N0} accepted {Refused,10:N0} refused {Findings.Count,3} findings");
}
