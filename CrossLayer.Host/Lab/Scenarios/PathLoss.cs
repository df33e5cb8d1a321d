using CrossLayer.Actors.Correlations;
using CrossLayer.Host.Lab.Injection;

namespace CrossLayer.Host.Lab.Scenarios;

/// <summary>Packets of both ways are lost in the router, by chance.</summary>
internal sealed class PathLoss : NftScenario
{
    /// <inheritdoc/>
    public override string Name => "path_loss";

    /// <inheritdoc/>
    public override ScenarioFamily Family => ScenarioFamily.Retransmissions;

    /// <inheritdoc/>
    public override Cause? Cause => Actors.Correlations.Cause.PathLoss;

    /// <inheritdoc/>
    public override string Describe(Intensity intensity) => $"{PerMille(intensity) / 10} % of all packets";

    /// <inheritdoc/>
    protected override IEnumerable<string> Rules(Intensity intensity) =>
    [
        $"meta l4proto tcp {NftMatch.PerMille(PerMille(intensity))} {NftTable.Count} drop",
    ];

    private static int PerMille(Intensity intensity) => Of(intensity, 10, 50, 200, 100);
}
