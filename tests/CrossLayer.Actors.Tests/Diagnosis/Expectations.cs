using CrossLayer.Actors.Correlations;

namespace CrossLayer.Actors.Tests.Diagnosis;

/// <summary>What a correlation is expected to say.</summary>
internal static class Expectations
{
    public static Finding Says(this Finding finding, Cause cause)
    {
        Assert.True((finding.Verdict, finding.Cause) == (Verdict.Discrepant, cause), $"{finding.Verdict}, {finding.Cause}: {finding.Reason}");
        return finding;
    }

    public static void DoesNotSay(this Finding finding, params Cause[] causes) =>
        Assert.False(finding.Cause is { } cause && causes.Contains(cause), $"{finding.Verdict}, {finding.Cause}: {finding.Reason}");
}
