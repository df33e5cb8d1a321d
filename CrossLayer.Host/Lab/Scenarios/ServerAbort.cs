using CrossLayer.Actors.Correlations;
using CrossLayer.Host.Lab.Injection;

namespace CrossLayer.Host.Lab.Scenarios;

/// <summary>The server answers requests with a reset of the connection.</summary>
internal sealed class ServerAbort : ServerScenario
{
    /// <inheritdoc/>
    public override string Name => "server_abort";

    /// <inheritdoc/>
    public override ScenarioFamily Family => ScenarioFamily.SilentFailures;

    /// <inheritdoc/>
    public override Cause? Cause => Actors.Correlations.Cause.ServerAbort;

    /// <inheritdoc/>
    public override string Describe(Intensity intensity) => $"{Percent(intensity)} % of requests";

    /// <inheritdoc/>
    protected override string? Counter => "TcpExt.TCPAbortOnData";

    /// <inheritdoc/>
    protected override ServerBehaviour Behaviour(Intensity intensity) => new() { AbortPercent = Percent(intensity) };

    private static int Percent(Intensity intensity) => Of(intensity, 2, 10, 100, 30);
}
