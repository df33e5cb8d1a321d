using CrossLayer.Actors.Correlations;
using CrossLayer.Host.Lab.Injection;

namespace CrossLayer.Host.Lab.Scenarios;

/// <summary>
/// Packets over a size are lost in the router, which tells nobody: what is small passes, what is large hangs.
/// </summary>
internal sealed class MtuBlackhole : NftScenario
{
    /// <inheritdoc/>
    public override string Name => "mtu_blackhole";

    /// <inheritdoc/>
    public override ScenarioFamily Family => ScenarioFamily.Retransmissions;

    /// <inheritdoc/>
    public override Cause? Cause => Actors.Correlations.Cause.MtuBlackhole;

    /// <inheritdoc/>
    public override string Describe(Intensity intensity) => $"packets over {Bytes(intensity)} bytes";

    /// <inheritdoc/>
    protected override IEnumerable<string> Rules(Intensity intensity) =>
    [
        $"meta l4proto tcp ip length > {Bytes(intensity)} {NftTable.Count} drop",
    ];

    private static int Bytes(Intensity intensity) => Of(intensity, 1400, 1200, 600, 1000);
}
