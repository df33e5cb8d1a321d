using System.Text.Json;
using CrossLayer.Benchmarks.Measuring;

namespace CrossLayer.Benchmarks.Reports;

/// <summary>The results for programs.</summary>
internal static class JsonReport
{
    internal static void Write(SuiteReport report, FileInfo file)
    {
        using var stream = file.Create();
        using var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true });
        json.WriteStartObject();
        json.WriteString("at", report.Machine.At);
        json.WriteString("commit", report.Machine.Commit);
        json.WriteString("kernel", report.Machine.Kernel);
        json.WriteNumber("processors", report.Machine.Processors);
        json.WriteString("runtime", report.Machine.Runtime);
        json.WriteNumber("load_before", report.Machine.Load);
        json.WriteNumber("load_after", report.LoadAtEnd);
        json.WriteBoolean("quick", report.IsQuick);
        json.WriteStartArray("results");
        foreach (var result in report.Results)
            Write(json, result);
        json.WriteEndArray();
        Write(json, "skipped", report.Skipped);
        Write(json, "failed", report.Failures);
        json.WriteStartObject("seconds");
        foreach (var (benchmark, seconds) in report.Seconds)
            json.WriteNumber(benchmark, Math.Round(seconds, 1));
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, Result result)
    {
        json.WriteStartObject();
        json.WriteString("benchmark", result.Benchmark);
        json.WriteString("subject", result.Subject);
        json.WriteString("reference", result.Reference);
        json.WriteString("measure", result.Measure);
        Write(json, "values", result.Values);
        Write(json, "reference_values", result.ReferenceValues);
        Write(json, "ratio", result.Ratio);
        json.WriteString("target", result.Target?.ToString());
        if (result.IsMet is { } met)
            json.WriteBoolean("met", met);
        json.WriteString("note", result.Note);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, string name, Spread? spread)
    {
        if (spread is not { } known)
            return;
        json.WriteStartObject(name);
        json.WriteNumber("median", known.Median);
        json.WriteNumber("least", known.Least);
        json.WriteNumber("most", known.Most);
        json.WriteNumber("runs", known.Runs);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, string name, IEnumerable<(string Benchmark, string Reason)> reasons)
    {
        json.WriteStartObject(name);
        foreach (var (benchmark, reason) in reasons)
            json.WriteString(benchmark, reason);
        json.WriteEndObject();
    }
}
