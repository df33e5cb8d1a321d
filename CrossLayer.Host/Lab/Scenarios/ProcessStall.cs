using CrossLayer.Actors.Correlations;

namespace CrossLayer.Host.Lab.Scenarios;

/// <summary>The server's process is stopped: requests arrive and are acknowledged, and nobody reads them.</summary>
internal sealed class ProcessStall : Scenario
{
    /// <inheritdoc/>
    public override string Name => "process_stall";

    /// <inheritdoc/>
    public override ScenarioFamily Family => ScenarioFamily.SilentFailures;

    /// <inheritdoc/>
    public override Cause? Cause => Actors.Correlations.Cause.ProcessStall;

    /// <inheritdoc/>
    public override LabHost Where => LabHost.Server;

    /// <inheritdoc/>
    public override bool HasLevels => false;

    /// <inheritdoc/>
    public override TouchRule Touch => TouchRule.UnderWay;

    /// <inheritdoc/>
    public override string Describe(Intensity intensity) => "the server's process, until it is lifted";

    /// <inheritdoc/>
    public override Task<ArmedFault> ArmAsync(LabSetup lab, Intensity intensity, CancellationToken cancellation = default)
    {
        var process = lab.ServerFor(this).Process ?? throw new LabException(
            $"{Name} stops the server's process, and this lab's server has none of its own: start it in its namespace");
        process.Stall();
        return Task.FromResult(new ArmedFault(
            _ => Task.FromResult(new FaultEvidence(new FaultReading("proc", "the server's state is T", process.State == 'T' ? 1 : 0))),
            _ =>
            {
                process.Resume();
                return Task.CompletedTask;
            }));
    }
}
