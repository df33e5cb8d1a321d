using CrossLayer.Actors.Correlations;
using CrossLayer.Host.Lab.Injection;

namespace CrossLayer.Host.Lab.Scenarios;

/// <summary>
/// The router's way to the client carries little, and its queue is short: responses wait, and what does not fit is dropped.
/// </summary>
internal sealed class Congestion : Scenario
{
    /// <inheritdoc/>
    public override string Name => "congestion";

    /// <inheritdoc/>
    public override ScenarioFamily Family => ScenarioFamily.Congestion;

    /// <inheritdoc/>
    public override Cause? Cause => Actors.Correlations.Cause.Congestion;

    /// <inheritdoc/>
    public override LabHost Where => LabHost.Router;

    /// <inheritdoc/>
    public override TouchRule Touch => TouchRule.Packets;

    /// <inheritdoc/>
    public override string Describe(Intensity intensity) => $"{Kilobits(intensity) / 1000} Mbit/s towards the client";

    /// <inheritdoc/>
    public override async Task<ArmedFault> ArmAsync(LabSetup lab, Intensity intensity, CancellationToken cancellation = default)
    {
        var router = lab.Network.Router;
        var bucket = new TokenBucket(router, LabNetwork.DeviceToClient);
        var table = new NftTable(router, Name);
        await table.ArmAsync("forward", [$"oifname {LabNetwork.DeviceToClient} meta l4proto tcp {NftTable.Count}"], "", cancellation);
        try
        {
            await bucket.ArmAsync(Kilobits(intensity), QueueBytes(intensity), cancellation);
        }
        catch
        {
            await table.LiftAsync(CancellationToken.None);
            throw;
        }

        return new ArmedFault(
            async stop =>
            {
                var (overlimits, drops) = await bucket.ReadAsync(stop);
                return new FaultEvidence(
                    new FaultReading("tc", "tbf overlimits", overlimits),
                    new FaultReading("tc", "tbf drops", drops),
                    new FaultReading("nft", $"{Name} matched", await table.MatchedAsync(stop)));
            },
            async stop =>
            {
                await table.LiftAsync(stop);
                await bucket.LiftAsync(stop);
            },
            table.TouchedAsync);
    }

    /// <summary>What passes in 50 ms may wait, and 16 packets in any case.</summary>
    private static int QueueBytes(Intensity intensity) => Math.Max(16 * 1514, Kilobits(intensity) * 1000 / 8 / 20);

    private static int Kilobits(Intensity intensity) => Of(intensity, 20_000, 5_000, 1_000, 2_000);
}
