using CrossLayer.Host.Lab;

namespace CrossLayer.Host.Tests.Lab;

/// <summary>When the evidence of a fault is read.</summary>
public sealed class ArmedFaultTests
{
    [Theory]
    [InlineData(false, 0)]
    [InlineData(true, 1)]
    public async Task What_is_seen_to_its_end_is_read_behind_it_and_all_else_before(bool endsBeforeItIsRead, long made)
    {
        var rounds = 0;
        var fault = new ArmedFault(
            _ => Task.FromResult(new FaultEvidence(new FaultReading("client", "rounds", rounds))),
            _ =>
            {
                // The round that was under way.
                rounds++;
                return Task.CompletedTask;
            })
        {
            EndsBeforeItIsRead = endsBeforeItIsRead,
        };

        var evidence = await fault.LiftAsync();

        Assert.Equal(made, evidence.Proof.Value);
        Assert.Equal(1, rounds);
        Assert.Same(evidence, await fault.LiftAsync());
        Assert.Equal(1, rounds);
    }
}
