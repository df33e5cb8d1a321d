using System.Text.Encodings.Web;
using System.Text.Json;
using CrossLayer.Evaluation.Scoring;

namespace CrossLayer.Evaluation;

/// <summary>The result as one JSON document.</summary>
internal static class JsonReport
{
    /// <summary>How JSON is written: not for a web page, so that a plus stays one.</summary>
    internal static JsonSerializerOptions Options { get; } = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        WriteIndented = true,
    };

    internal static void Write(MatchingResult result, TextWriter output) => output.WriteLine(JsonSerializer.Serialize(new
    {
        Workloads = result.Runs.Select(run => new
        {
            Workload = run.Workload.Name,
            run.Workload.Connections,
            run.Workload.Requests,
            run.Workload.Concurrency,
            EventsMade = run.Counters.Made,
            EventsRead = run.Counters.Read,
            EventsLost = run.Counters.Lost,
            run.RefusedPorts,
            TrafficSeconds = run.Traffic.TotalSeconds,
            TotalSeconds = run.Total.TotalSeconds,
        }),
        Results = result.Rows.Select(row => new
        {
            Workload = row.Workload.Name,
            Records = Names.Of(row.Variant.Content),
            From = Names.Of(row.Variant.Reporters),
            Quality = Names.Of(row.Variant.Quality),
            row.Score.Reported,
            Right = row.Score[Outcome.Right],
            Wrong = row.Score[Outcome.Wrong],
            Ambiguous = row.Score[Outcome.Ambiguous],
            None = row.Score[Outcome.None],
            row.Score.Misassembled,
            row.Score.Repeated,
            row.Score.Failure,
            row.Score.Counters.LateEvents,
            row.Score.Counters.RejectedRecords,
            row.Score.Counters.SkippedEvents,
            TargetRight = row.Target.Match,
            TargetWrong = row.Target.Wrong,
            Met = row.Target.IsMet(row.Score),
            Seconds = row.Duration.TotalSeconds,
        }),
        Calibration = result.Calibration.Rows.Select(row =>
        {
            var interval = Wilson.Of(row.Right, row.Matches);
            return new
            {
                Method = Names.Of(row.Method),
                ConfidenceFrom = Math.Round(row.From, 2),
                ConfidenceTo = Math.Round(row.To, 2),
                ConfidenceMean = row.Mean,
                row.Matches,
                row.Right,
                Low = interval.Low,
                High = interval.High,
            };
        }),
        result.Missed,
    }, Options));
}
