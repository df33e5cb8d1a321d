using CrossLayer.Actors.Correlations;
using CrossLayer.Host.Lab.Injection;

namespace CrossLayer.Host.Lab.Scenarios;

/// <summary>
/// Of some connections, all that the server sends is lost in the router, but for its handshake and its acknowledgements: the
/// request arrives and is acknowledged, the response is not.
/// </summary>
internal sealed class SilentResponseLoss : NftScenario
{
    /// <inheritdoc/>
    public override string Name => "silent_response_loss";

    /// <inheritdoc/>
    public override ScenarioFamily Family => ScenarioFamily.SilentFailures;

    /// <inheritdoc/>
    public override Cause? Cause => Actors.Correlations.Cause.SilentResponseLoss;

    /// <inheritdoc/>
    public override string Describe(Intensity intensity) => $"responses on {Percent(intensity)} % of connections";

    /// <inheritdoc/>
    protected override IEnumerable<string> Rules(Intensity intensity) =>
    [
        $"{NftMatch.FromServer} tcp flags & (psh | fin) != 0 {Chosen(intensity)} {NftTable.Count} drop",
        // What carries data but not its end; an acknowledgement has at most 40 bytes of options.
        $"{NftMatch.FromServer} tcp flags & syn == 0 ip length > 80 {Chosen(intensity)} {NftTable.Count} drop",
    ];

    private static string Chosen(Intensity intensity) => NftMatch.Connections(Percent(intensity), "tcp dport");

    private static int Percent(Intensity intensity) => Of(intensity, 5, 20, 100, 50);
}
