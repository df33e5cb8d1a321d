using CrossLayer.Actors.Correlations;
using CrossLayer.Host.Lab.Injection;

namespace CrossLayer.Host.Lab.Scenarios;

/// <summary>The server thinks between the request and the response: the kernel sees nothing wrong.</summary>
internal sealed class SlowHandler : ServerScenario
{
    /// <inheritdoc/>
    public override string Name => "slow_handler";

    /// <inheritdoc/>
    public override ScenarioFamily Family => ScenarioFamily.SilentFailures;

    /// <inheritdoc/>
    public override Cause? Cause => Actors.Correlations.Cause.SlowHandler;

    /// <inheritdoc/>
    public override string Describe(Intensity intensity) => $"{Delay(intensity).TotalMilliseconds} ms";

    /// <inheritdoc/>
    protected override string? Counter => null;

    /// <inheritdoc/>
    protected override ServerBehaviour Behaviour(Intensity intensity) => new() { HandlerDelay = Delay(intensity) };

    private static TimeSpan Delay(Intensity intensity) => TimeSpan.FromMilliseconds(Of(intensity, 100, 500, 1500, 900));
}
