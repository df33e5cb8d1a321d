using System.Text;
using CrossLayer.Actors.Correlations;
using CrossLayer.Host.Experiments;
using CrossLayer.Host.Files;
using CrossLayer.Host.Lab;

namespace CrossLayer.Integration.Tests.Lab;

/// <summary>What looks like trouble and is none, made in a real lab under the probe: nobody is blamed for it.</summary>
[Collection("lab")]
public sealed class NegativeTests(NegativeLab lab) : IClassFixture<NegativeLab>
{
    /// <summary>Of the requests that were reported: what the kernel's hooks missed leaves some open, and the first on connections older than the probe.</summary>
    private const double LeastSettled = 0.5;

    /// <summary>The negatives by name.</summary>
    public static TheoryData<string> Names { get; } = new(ScenarioCatalog.Negatives.Select(negative => negative.Name));

    [RequiresLabTheory, MemberData(nameof(Names))]
    public async Task A_negative_is_really_made_and_nothing_is_flagged(string name)
    {
        var negative = ScenarioCatalog.Negatives.Single(negative => negative.Name == name);

        var (label, correlations) = await lab.PlayAsync(negative);

        var fault = Assert.Single(label.Faults);
        Assert.True(fault.Applied, $"never made: {fault.Proof}");
        Assert.All(label.Requests, request => Assert.True(request.Outcome is Outcome.Right or Outcome.AsMeant, $"{request.Route}: {request.Outcome}"));
        Assert.DoesNotContain(label.Requests, request => request.Touched);
        var flagged = correlations.Where(correlation => correlation.Finding.Verdict == Verdict.Discrepant && !MayBeFound(negative, correlation.Finding.Cause)).ToList();
        Assert.True(flagged.Count == 0, $"{fault.Proof}; {flagged.Count} of {correlations.Count} flagged:\n{string.Join('\n', flagged.Take(5).Select(Text))}");
        // To say nothing of anything is no answer either.
        var settled = correlations.Count(correlation => correlation.Finding.Verdict != Verdict.Inconclusive);
        Assert.InRange(settled, LeastSettled * label.Requests.Count, double.MaxValue);
    }

    private static bool MayBeFound(Negative negative, Cause? cause) => cause is { } found && negative.MayBeFound.Contains(found);

    private static string Text(Correlation correlation)
    {
        using var json = new JsonBytes();
        CorrelationJson.Kind.Write(json.Writer, correlation);
        return Encoding.UTF8.GetString(json.Written);
    }
}
