namespace CrossLayer.Host.Lab.Injection;

/// <summary>A fault that is a behaviour of the lab's server.</summary>
internal abstract class ServerScenario : Scenario
{
    /// <inheritdoc/>
    public override LabHost Where => LabHost.Server;

    /// <summary>What the server's kernel counts of it; null where it counts nothing, and the server's own count is what shows it.</summary>
    protected abstract string? Counter { get; }

    /// <inheritdoc/>
    public override async Task<ArmedFault> ArmAsync(LabSetup lab, Intensity intensity, CancellationToken cancellation = default)
    {
        var server = lab.ServerFor(this);
        var before = Read(lab, server);
        await server.BehaveAsync(Behaviour(intensity), cancellation);
        return new ArmedFault(
            _ =>
            {
                var now = Read(lab, server);
                var own = new FaultReading("server", "misbehaved", now.Own - before.Own);
                return Task.FromResult(Counter is null
                    ? new FaultEvidence(own)
                    : new FaultEvidence(new FaultReading("netstat", Counter, now.Kernel - before.Kernel), own));
            },
            stop => server.BehaveAsync(ServerBehaviour.Ordinary, stop));
    }

    /// <summary>What the server is told at a level.</summary>
    protected abstract ServerBehaviour Behaviour(Intensity intensity);

    private (long Kernel, long Own) Read(LabSetup lab, ILabServer server) =>
        (Counter is null ? 0 : NetstatCounters.Of(lab.Network.Server)[Counter], server.Misbehaved);
}
