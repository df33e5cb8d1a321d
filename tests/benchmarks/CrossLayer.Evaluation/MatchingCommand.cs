using System.CommandLine;
using CrossLayer.Evaluation.Traffic;
using CrossLayer.Probe;

namespace CrossLayer.Evaluation;

/// <summary><c>matching</c>: how often records are brought together with their own exchanges.</summary>
internal static class MatchingCommand
{
    // As the program's own.
    private const int Done = 0;
    private const int TargetMissed = 1;
    private const int NoKernelEvidence = 3;
    private const int Cancelled = 130;

    // Sizes of requests stay small, and each worker of the largest workload has something to do.
    private const int MinRequests = 1000;
    private const int MaxRequests = 1_000_000;

    internal static Command Create()
    {
        var requests = new Option<int>("--requests")
        {
            Description = "Requests of the workload 'short'; the others grow with it.",
            DefaultValueFactory = _ => 100_000,
        };
        requests.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < MinRequests or > MaxRequests)
                result.AddError($"--requests: a number from {MinRequests} to {MaxRequests}");
        });
        var seed = new Option<int>("--seed") { Description = "Sizes, think times and missing records follow from it.", DefaultValueFactory = _ => 1 };
        var workloads = new Option<string[]>("--workload")
        {
            Description = "Only this workload; several times for several.",
            DefaultValueFactory = _ => [],
        };
        workloads.AcceptOnlyFromAmong([.. Workload.OfSize(MinRequests).Select(workload => workload.Name)]);
        var format = new Option<string>("--output", "-o") { Description = "How the result is printed.", DefaultValueFactory = _ => "table" };
        format.AcceptOnlyFromAmong("table", "json");

        var details = new Option<FileInfo?>("--details") { Description = "Writes each record that is not right to this file, as JSON lines." };

        var command = new Command("matching", "Real traffic through probe and pipeline, each record's match held against the truth.")
        {
            requests, seed, workloads, format, details,
        };
        command.SetAction((parsed, cancellation) =>
        {
            var names = parsed.GetRequiredValue(workloads);
            var chosen = Workload.OfSize(parsed.GetRequiredValue(requests)).Where(workload => names.Length == 0 || names.Contains(workload.Name));
            return RunAsync(chosen, parsed.GetRequiredValue(seed), parsed.GetRequiredValue(format), parsed.GetValue(details), cancellation);
        });
        return command;
    }

    private static async Task<int> RunAsync(
        IEnumerable<Workload> workloads, int seed, string format, FileInfo? detailFile, CancellationToken cancellation)
    {
        try
        {
            using var details = detailFile is null ? null : new DetailWriter(detailFile);
            var result = await new MatchingEvaluation(seed, Console.Error, details, cancellation).RunAsync(workloads);
            if (format == "json")
                JsonReport.Write(result, Console.Out);
            else
                TableReport.Write(result, Console.Out);
            return result.Missed.Count == 0 ? Done : TargetMissed;
        }
        catch (ProbeUnavailableException e)
        {
            await Console.Error.WriteLineAsync($"error: {e.Message}");
            return NoKernelEvidence;
        }
        catch (Exception) when (cancellation.IsCancellationRequested)
        {
            await Console.Error.WriteLineAsync("stopped");
            return Cancelled;
        }
    }
}
