namespace CrossLayer.Host.Lab.Injection;

/// <summary>A fault that is a behaviour of the lab's server.</summary>
internal abstract class ServerScenario : Scenario
{
    /// <inheritdoc/>
    public override LabHost Where => LabHost.Server;

    /// <inheritdoc/>
    public override TouchRule Touch => TouchRule.Server;

    /// <summary>What the server's kernel counts of it; null where it counts nothing, and the server's own count is what shows it.</summary>
    protected abstract string? Counter { get; }

    /// <inheritdoc/>
    public override async Task<ArmedFault> ArmAsync(LabSetup lab, Intensity intensity, CancellationToken cancellation = default)
    {
        var server = lab.ServerFor(this);
        var before = await ReadAsync(lab, server, cancellation);
        await server.BehaveAsync(Behaviour(intensity), cancellation);
        return new ArmedFault(
            async stop =>
            {
                var now = await ReadAsync(lab, server, stop);
                var own = new FaultReading("server", "misbehaved", now.Own - before.Own);
                return Counter is null
                    ? new FaultEvidence(own)
                    : new FaultEvidence(new FaultReading("netstat", Counter, now.Kernel - before.Kernel), own);
            },
            stop => server.BehaveAsync(ServerBehaviour.Ordinary, stop));
    }

    /// <summary>What the server is told at a level.</summary>
    protected abstract ServerBehaviour Behaviour(Intensity intensity);

    private async Task<(long Kernel, long Own)> ReadAsync(LabSetup lab, ILabServer server, CancellationToken cancellation) =>
        (Counter is null ? 0 : NetstatCounters.Of(lab.Network.Server)[Counter], await server.MisbehavedAsync(cancellation));
}
