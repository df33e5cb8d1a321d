using CrossLayer.Actors.Correlations;
using CrossLayer.Host.Lab.Injection;

namespace CrossLayer.Host.Lab.Scenarios;

/// <summary>SYN-ACKs are lost in the router: the server knows of a connection that the client waits for.</summary>
internal sealed class SynackLoss : NftScenario
{
    /// <inheritdoc/>
    public override string Name => "synack_loss";

    /// <inheritdoc/>
    public override ScenarioFamily Family => ScenarioFamily.ConnectionTimeouts;

    /// <inheritdoc/>
    public override Cause? Cause => Actors.Correlations.Cause.SynackLoss;

    /// <inheritdoc/>
    public override string Describe(Intensity intensity) => $"{Percent(intensity)} % of SYN-ACKs";

    /// <inheritdoc/>
    protected override IEnumerable<string> Rules(Intensity intensity) =>
    [
        $"{NftMatch.FromServer} {NftMatch.SynAck} {NftMatch.PerMille(10 * Percent(intensity))} {NftTable.Count} drop",
    ];

    private static int Percent(Intensity intensity) => Of(intensity, 20, 50, 100, 75);
}
