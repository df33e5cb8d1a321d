using CrossLayer.Actors.Correlations;
using CrossLayer.Host.Lab.Injection;

namespace CrossLayer.Host.Lab.Scenarios;

/// <summary>
/// The server takes no connection from its accept queue, which is short: the kernel drops what does not fit.
/// </summary>
internal sealed class AcceptQueueOverflow : ServerScenario
{
    /// <inheritdoc/>
    public override string Name => "accept_queue_overflow";

    /// <inheritdoc/>
    public override ScenarioFamily Family => ScenarioFamily.ConnectionTimeouts;

    /// <inheritdoc/>
    public override Cause? Cause => Actors.Correlations.Cause.AcceptQueueOverflow;

    /// <inheritdoc/>
    public override TouchRule Touch => TouchRule.NewConnections;

    /// <inheritdoc/>
    public override string Describe(Intensity intensity) => $"a queue of {Backlog(intensity)}, and nobody accepts";

    /// <inheritdoc/>
    protected override string? Counter => "TcpExt.ListenOverflows";

    /// <inheritdoc/>
    protected override ServerBehaviour Behaviour(Intensity intensity) => new() { Accepts = false, Backlog = Backlog(intensity) };

    private static int Backlog(Intensity intensity) => Of(intensity, 4, 2, 0, 1);
}
