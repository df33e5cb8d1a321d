using CrossLayer.Actors.Correlations;
using CrossLayer.Host.Lab.Injection;

namespace CrossLayer.Host.Lab.Scenarios;

/// <summary>The server does not listen: its kernel refuses. A control, since both layers agree.</summary>
internal sealed class NoListener : ServerScenario
{
    /// <inheritdoc/>
    public override string Name => "no_listener";

    /// <inheritdoc/>
    public override ScenarioFamily Family => ScenarioFamily.ConnectionTimeouts;

    /// <inheritdoc/>
    public override Cause? Cause => Actors.Correlations.Cause.NoListener;

    /// <inheritdoc/>
    public override bool HasLevels => false;

    /// <inheritdoc/>
    public override TouchRule Touch => TouchRule.NewConnections;

    /// <inheritdoc/>
    public override string Describe(Intensity intensity) => "nobody listens";

    /// <inheritdoc/>
    protected override string? Counter => "Tcp.OutRsts";

    /// <inheritdoc/>
    protected override ServerBehaviour Behaviour(Intensity intensity) => new() { Listens = false };
}
