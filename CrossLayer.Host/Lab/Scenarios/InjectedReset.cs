using CrossLayer.Actors.Correlations;
using CrossLayer.Host.Lab.Injection;

namespace CrossLayer.Host.Lab.Scenarios;

/// <summary>The router answers requests with a reset in the server's name: the server hears nothing of it.</summary>
internal sealed class InjectedReset : NftScenario
{
    /// <inheritdoc/>
    public override string Name => "injected_reset";

    /// <inheritdoc/>
    public override ScenarioFamily Family => ScenarioFamily.SilentFailures;

    /// <inheritdoc/>
    public override Cause? Cause => Actors.Correlations.Cause.InjectedReset;

    /// <inheritdoc/>
    public override string Describe(Intensity intensity) => $"{Percent(intensity)} % of requests";

    /// <inheritdoc/>
    protected override IEnumerable<string> Rules(Intensity intensity) =>
    [
        $"{NftMatch.FromClient} {NftMatch.Push} {NftMatch.PerMille(10 * Percent(intensity))} {NftTable.Count} reject with tcp reset",
    ];

    private static int Percent(Intensity intensity) => Of(intensity, 2, 10, 100, 30);
}
