using CrossLayer.Actors.Correlations;
using CrossLayer.Host.Lab.Injection;

namespace CrossLayer.Host.Lab.Scenarios;

/// <summary>The client stops reading, and its receive buffer is small: the server has to wait for room.</summary>
internal sealed class SlowReader : Scenario
{
    /// <summary>How often the client told the server that it has no room left.</summary>
    private const string ZeroWindow = "TcpExt.TCPToZeroWindowAdv";

    /// <inheritdoc/>
    public override string Name => "slow_reader";

    /// <inheritdoc/>
    public override ScenarioFamily Family => ScenarioFamily.Congestion;

    /// <inheritdoc/>
    public override Cause? Cause => Actors.Correlations.Cause.SlowReader;

    /// <inheritdoc/>
    public override LabHost Where => LabHost.Client;

    /// <inheritdoc/>
    public override TouchRule Touch => TouchRule.Client;

    /// <inheritdoc/>
    public override string Describe(Intensity intensity) => $"no reading for {Pause(intensity).TotalSeconds} s in a response";

    /// <inheritdoc/>
    public override async Task<ArmedFault> ArmAsync(LabSetup lab, Intensity intensity, CancellationToken cancellation = default)
    {
        var client = lab.ClientFor(this);
        var before = NetstatCounters.Of(lab.Network.Client)[ZeroWindow];
        await client.BehaveAsync(new ClientBehaviour { ReceiveBuffer = 8192, ReadPause = Pause(intensity) }, cancellation);
        return new ArmedFault(
            _ => Task.FromResult(new FaultEvidence(
                new FaultReading("netstat", ZeroWindow, NetstatCounters.Of(lab.Network.Client)[ZeroWindow] - before))),
            stop => client.BehaveAsync(ClientBehaviour.Ordinary, stop));
    }

    private static TimeSpan Pause(Intensity intensity) => TimeSpan.FromSeconds(Of(intensity, 0.5, 1, 1.6, 1.3));
}
