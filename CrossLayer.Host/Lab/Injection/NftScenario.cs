namespace CrossLayer.Host.Lab.Injection;

/// <summary>A fault that is nothing but rules of nft, which count what they match.</summary>
internal abstract class NftScenario : Scenario
{
    /// <inheritdoc/>
    public override LabHost Where => LabHost.Router;

    /// <inheritdoc/>
    public override TouchRule Touch => TouchRule.Packets;

    /// <inheritdoc/>
    public override async Task<ArmedFault> ArmAsync(LabSetup lab, Intensity intensity, CancellationToken cancellation = default)
    {
        var table = new NftTable(lab.Network[Where], Name);
        await table.ArmAsync(Where == LabHost.Router ? "forward" : "output", Rules(intensity), More(intensity), cancellation);
        return new ArmedFault(
            async stop => new FaultEvidence(new FaultReading("nft", $"{Name} matched", await table.MatchedAsync(stop))),
            table.LiftAsync,
            table.TouchedAsync);
    }

    /// <summary>The rules of a level; what they do something to, they count.</summary>
    protected abstract IEnumerable<string> Rules(Intensity intensity);

    /// <summary>Sets and chains that the rules refer to.</summary>
    protected virtual string More(Intensity intensity) => "";
}
