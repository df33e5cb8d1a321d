using CrossLayer.Actors.Correlations;

namespace CrossLayer.Host.Lab.Scenarios;

/// <summary>Nothing is injected: what is found is wrong.</summary>
internal sealed class Normal : Scenario
{
    /// <inheritdoc/>
    public override string Name => "normal";

    /// <inheritdoc/>
    public override ScenarioFamily Family => ScenarioFamily.Normal;

    /// <inheritdoc/>
    public override Cause? Cause => null;

    /// <inheritdoc/>
    public override LabHost Where => LabHost.Router;

    /// <inheritdoc/>
    public override bool HasLevels => false;

    /// <inheritdoc/>
    public override TouchRule Touch => TouchRule.Nothing;

    /// <inheritdoc/>
    public override string Describe(Intensity intensity) => "nothing is injected";

    /// <inheritdoc/>
    public override Task<ArmedFault> ArmAsync(LabSetup lab, Intensity intensity, CancellationToken cancellation = default) =>
        Task.FromResult(new ArmedFault(
            _ => Task.FromResult(new FaultEvidence(new FaultReading("nft", "nothing to count", 0))), _ => Task.CompletedTask));
}
