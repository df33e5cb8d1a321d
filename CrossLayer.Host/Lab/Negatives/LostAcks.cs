using CrossLayer.Host.Lab.Injection;

namespace CrossLayer.Host.Lab.Negatives;

/// <summary>
/// Acknowledgements without data are lost, both ways. The next one says as much and more, or a segment is sent that nobody misses: no
/// byte comes later for it.
/// </summary>
internal sealed class LostAcks : Negative
{
    /// <summary>Longer than headers of IP and TCP with all that TCP's options can hold: there is data.</summary>
    private const int MostHeaders = 80;

    /// <inheritdoc/>
    public override string Name => "lost_acks";

    /// <inheritdoc/>
    public override LabHost Where => LabHost.Router;

    /// <inheritdoc/>
    public override string Describe(Intensity intensity) => $"{Percent(intensity)} % of acknowledgements without data";

    /// <inheritdoc/>
    public override async Task<ArmedFault> ArmAsync(LabSetup lab, Intensity intensity, CancellationToken cancellation = default)
    {
        var table = new NftTable(lab.Network.Router, Name);
        await table.ArmAsync("forward", [Rule(NftMatch.FromClient), Rule(NftMatch.FromServer)], "", cancellation);
        return new ArmedFault(
            async stop => new FaultEvidence(new FaultReading("nft", $"{Name} matched", await table.MatchedAsync(stop))), table.LiftAsync);

        string Rule(string from) =>
            $"{from} tcp flags & (fin | syn | rst | psh | ack) == ack ip length <= {MostHeaders} {NftMatch.PerMille(10 * Percent(intensity))} {NftTable.Count} drop";
    }

    private static int Percent(Intensity intensity) => Of(intensity, 10, 25, 50, 35);
}
