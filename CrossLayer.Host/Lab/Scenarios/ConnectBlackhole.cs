using CrossLayer.Actors.Correlations;
using CrossLayer.Host.Lab.Injection;

namespace CrossLayer.Host.Lab.Scenarios;

/// <summary>All SYNs of some connections are lost in the router: the server hears nothing of them.</summary>
internal sealed class ConnectBlackhole : NftScenario
{
    /// <inheritdoc/>
    public override string Name => "connect_blackhole";

    /// <inheritdoc/>
    public override ScenarioFamily Family => ScenarioFamily.ConnectionTimeouts;

    /// <inheritdoc/>
    public override Cause? Cause => Actors.Correlations.Cause.ConnectBlackhole;

    /// <inheritdoc/>
    public override string Describe(Intensity intensity) => $"{Percent(intensity)} % of new connections";

    /// <inheritdoc/>
    protected override IEnumerable<string> Rules(Intensity intensity) =>
    [
        $"{NftMatch.FromClient} {NftMatch.Syn} {NftMatch.Connections(Percent(intensity), "tcp sport")} {NftTable.Count} drop",
    ];

    private static int Percent(Intensity intensity) => Of(intensity, 10, 30, 100, 60);
}
