using CrossLayer.Actors.Correlations;

namespace CrossLayer.Host.Lab;

/// <summary>What looks like trouble, and is none: whoever raises an alarm over it is wrong.</summary>
internal abstract class Negative : Scenario
{
    /// <inheritdoc/>
    public override ScenarioFamily Family => ScenarioFamily.Normal;

    /// <inheritdoc/>
    public override Cause? Cause => null;

    /// <inheritdoc/>
    public override TouchRule Touch => TouchRule.Nothing;

    /// <summary>What may be said of it all the same, since it is true: never a cause in the network.</summary>
    public virtual IReadOnlyList<Cause> MayBeFound => [];
}
