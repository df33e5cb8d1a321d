using CrossLayer.Actors.Correlations;
using CrossLayer.Host.Lab.Injection;

namespace CrossLayer.Host.Lab.Scenarios;

/// <summary>
/// The server's host drops packets of its own: its TCP is told so, and sends them again without calling that a retransmission.
/// </summary>
internal sealed class LocalEgressDrop : NftScenario
{
    /// <inheritdoc/>
    public override string Name => "local_egress_drop";

    /// <inheritdoc/>
    public override ScenarioFamily Family => ScenarioFamily.Retransmissions;

    /// <inheritdoc/>
    public override Cause? Cause => Actors.Correlations.Cause.LocalEgressDrop;

    /// <inheritdoc/>
    public override LabHost Where => LabHost.Server;

    /// <inheritdoc/>
    public override string Describe(Intensity intensity) => $"{PerMille(intensity) / 10} % of the packets that the server sends";

    /// <inheritdoc/>
    protected override IEnumerable<string> Rules(Intensity intensity) =>
    [
        $"{NftMatch.FromServer} {NftMatch.PerMille(PerMille(intensity))} {NftTable.Count} drop",
    ];

    private static int PerMille(Intensity intensity) => Of(intensity, 10, 50, 100, 75);
}
