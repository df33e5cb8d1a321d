using System.Text;
using CrossLayer.Actors.Correlations;
using CrossLayer.Actors.Requests;
using CrossLayer.Host.Analysis;
using CrossLayer.Host.Experiments;
using CrossLayer.Host.Files;
using CrossLayer.Host.Lab;
using CrossLayer.Probe;
using CrossLayer.Tests.Shapes;

namespace CrossLayer.Integration.Tests.Lab;

/// <summary>What looks like trouble and is none, made in a real lab under the probe: nobody is blamed for it.</summary>
[Collection("lab")]
public sealed class NegativeTests
{
    private const int QuietMs = 500;
    private const int AfterMs = 500;

    /// <summary>The negatives by name.</summary>
    public static TheoryData<string> Names { get; } = new(ScenarioCatalog.Negatives.Select(negative => negative.Name));

    [RequiresLabTheory, MemberData(nameof(Names))]
    public async Task A_negative_is_really_made_and_nothing_is_flagged(string name)
    {
        var folder = Directory.CreateTempSubdirectory("crosslayer-negative-");
        try
        {
            var (label, correlations) = await PlayAsync((Negative)ScenarioCatalog.Of(name), folder.FullName);
            AssertNothingFlagged((Negative)ScenarioCatalog.Of(name), label, correlations);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static void AssertNothingFlagged(Negative negative, EpisodeLabel label, IReadOnlyList<Correlation> correlations)
    {
        var fault = Assert.Single(label.Faults);
        Assert.True(fault.Applied, $"never made: {fault.Proof}");
        Assert.All(label.Requests, request => Assert.True(request.Outcome is Outcome.Right or Outcome.AsMeant, $"{request.Route}: {request.Outcome}"));

        var flagged = correlations.Where(correlation => correlation.Finding.Verdict == Verdict.Discrepant
            && !(correlation.Finding.Cause is { } cause && negative.MayBeFound.Contains(cause))).ToList();
        Assert.True(flagged.Count == 0, $"{fault.Proof}; {flagged.Count} of {correlations.Count}:\n{string.Join('\n', flagged.Take(5).Select(Text))}");

        // To say nothing of anything is no answer either.
        var healthy = correlations.Where(correlation => correlation.Finding.Verdict == Verdict.Healthy).Select(correlation => correlation.RequestId.Text).ToHashSet();
        var open = label.Requests.Where(request => !healthy.Contains(request.RequestId)).ToList();
        File.AppendAllText("/tmp/hN-neg.txt", "\n" + $"NEG {negative.Name}: {fault.Proof}; {label.Requests.Count} requests, {correlations.Count} correlations, {open.Count} open; "
            + string.Join(", ", correlations.Where(c => c.Finding.Verdict != Verdict.Healthy).GroupBy(c => (c.Finding.Cause, c.Finding.Reason)).Select(g => $"{g.Key} {g.Count()}")));
    }

    private static string Text(Correlation correlation)
    {
        using var json = new JsonBytes();
        CorrelationJson.Kind.Write(json.Writer, correlation);
        return Encoding.UTF8.GetString(json.Written);
    }

    private static async Task<(EpisodeLabel Label, IReadOnlyList<Correlation> Correlations)> PlayAsync(Negative negative, string folder)
    {
        var path = Path.Combine(folder, "episode");
        await using var session = await LabSession.StartAsync(CancellationToken.None);
        EpisodeLabel label;
        await using (var recorder = new EventRecorder(KernelProbe.Start(new ProbeOptions { Ports = LabSession.Ports }), session.Ends()))
        {
            label = await new EpisodeRun(session, recorder).RunAsync(
                new EpisodePlan
                {
                    Number = 1,
                    Kind = EpisodeKind.Negative,
                    Faults = [new PlannedFault(negative.Name, Intensity.High)],
                    Seed = 1,
                    QuietMs = QuietMs,
                    HoldMs = (int)negative.Hold.TotalMilliseconds,
                    AfterMs = AfterMs,
                },
                path, CancellationToken.None);
            File.AppendAllText("/tmp/hN-neg.txt", $"\n{negative.Name} lost {recorder.Lost}");
        }

        using var events = RecordReader<DatedKernelEvent>.Open(Path.Combine(path, EpisodeInput.KernelFile), KernelEventJson.Kind);
        List<RequestRecord> records = [.. Records(EpisodeInput.ClientFile), .. Records(EpisodeInput.ServerFile)];
        return (label, await ShapePipeline.RunAsync(events.ReadAll().Select(dated => (dated.Event, dated.UnixNs)), records, []));

        List<RequestRecord> Records(string file)
        {
            using var reader = RecordReader<RequestRecord>.Open(Path.Combine(path, file), RequestRecordJson.Kind);
            return [.. reader.ReadAll()];
        }
    }
}
