using System.Text.Json;
using CrossLayer.Actors.Correlations;
using CrossLayer.Actors.Recording;
using CrossLayer.Host.Commands;
using CrossLayer.Host.Files;

namespace CrossLayer.Host.Replaying;

/// <summary>Prints what a replay found.</summary>
internal static class ReplayReport
{
    private const int MostLines = 20;
    private static readonly EnumNames<ReplayChangeKind> Kinds = new();
    private static readonly JsonWriterOptions Indented = new() { Indented = true };

    /// <summary>For a person.</summary>
    public static async Task WriteTextAsync(ReplayResult result, string path, TextWriter output)
    {
        foreach (var session in result.Sessions)
        {
            await output.WriteLineAsync($"session {session.Session.Id}{(session.IsEnded ? "" : session.IsStoppedEarly ? " (stopped early)" : " (without its end)")}: "
                + $"{session.Events} kernel events and {session.Records} records in {session.Rows} rows");
            if (session.Session.FirstPart > 0)
                await output.WriteLineAsync($"  parts before part {session.Session.FirstPart} are deleted");
            if (session.Gaps > 0)
                await output.WriteLineAsync($"  {session.Gaps} gaps, {session.UnreadableRows} rows unreadable; what they touch is inconclusive");
            foreach (var reason in session.Reasons)
                await output.WriteLineAsync($"  gap: {reason}");
        }

        var summary = result.Correlations;
        await output.WriteLineAsync($"{summary.Correlations} correlations: {summary[Verdict.Healthy]} healthy, {summary[Verdict.Discrepant]} discrepant, "
            + $"{summary[Verdict.Inconclusive]} inconclusive");
        foreach (var cause in Enum.GetValues<Cause>().Where(cause => summary[cause] > 0))
            await output.WriteLineAsync($"  {CorrelationNames.Causes[cause].Value}: {summary[cause]}");
        await output.WriteLineAsync($"verdict hash {result.Hash}");
        await WriteChangesAsync(result.Comparison, output);
        await output.WriteLineAsync($"correlations in {path}");
    }

    /// <summary>As one object: <c>json</c> with indentation, <c>jsonl</c> in a line.</summary>
    public static async Task WriteJsonAsync(ReplayResult result, OutputFormat format, TextWriter output)
    {
        using var buffer = new MemoryStream();
        await using (var writer = new Utf8JsonWriter(buffer, format == OutputFormat.Json ? Indented : default))
        {
            writer.WriteStartObject();
            writer.WriteString("verdict_hash", result.Hash);
            writer.WriteBoolean("stopped_early", result.IsStoppedEarly);
            writer.WriteStartArray("sessions");
            foreach (var session in result.Sessions)
                Write(writer, session);
            writer.WriteEndArray();
            writer.WritePropertyName(CorrelationSummary.Name);
            result.Correlations.Write(writer);
            writer.WriteStartObject("changed");
            writer.WriteNumber("in_the_journal", result.Comparison.Stored);
            writer.WriteNumber("unchanged", result.Comparison.Unchanged);
            foreach (var kind in Enum.GetValues<ReplayChangeKind>())
                writer.WriteNumber(Kinds[kind], result.Comparison[kind]);
            writer.WriteStartArray("requests");
            foreach (var change in result.Comparison.Changes)
                Write(writer, change);
            writer.WriteEndArray();
            writer.WriteEndObject();
            writer.WriteEndObject();
        }

        await output.WriteLineAsync(System.Text.Encoding.UTF8.GetString(buffer.ToArray()));
    }

    private static async Task WriteChangesAsync(ReplayComparison comparison, TextWriter output)
    {
        await output.WriteLineAsync($"against {comparison.Stored} discrepancies of the run in the journal: {comparison.Unchanged} unchanged, "
            + $"{comparison[ReplayChangeKind.OtherCause]} with another cause, {comparison[ReplayChangeKind.NewlyFound]} newly found, "
            + $"{comparison[ReplayChangeKind.NoLongerFound]} no longer found");
        foreach (var change in comparison.Changes.Take(MostLines))
            await output.WriteLineAsync($"  {(change.After ?? change.Before)!.RequestId.Text}: {Describe(change.Before)} -> {Describe(change.After)}");
        var changes = Enum.GetValues<ReplayChangeKind>().Sum(kind => comparison[kind]);
        if (changes > MostLines)
            await output.WriteLineAsync($"  and {changes - MostLines} more (-o json lists the first {comparison.Changes.Count})");
    }

    // What the journal does not hold was healthy or inconclusive then.
    private static string Describe(Correlation? correlation) => correlation is null
        ? "none"
        : correlation.Finding.Cause is { } cause
            ? $"{CorrelationNames.Verdicts[correlation.Finding.Verdict].Value} {CorrelationNames.Causes[cause].Value}"
            : CorrelationNames.Verdicts[correlation.Finding.Verdict].Value;

    private static void Write(Utf8JsonWriter writer, ReplaySummary session)
    {
        writer.WriteStartObject();
        writer.WriteString("session", session.Session.Id);
        writer.WriteNumber("kernel_events", session.Events);
        writer.WriteNumber("records", session.Records);
        writer.WriteNumber("rows", session.Rows);
        writer.WriteNumber("gaps", session.Gaps);
        writer.WriteNumber("unreadable_rows", session.UnreadableRows);
        writer.WriteBoolean("ended", session.IsEnded);
        writer.WriteNumber("first_part", session.Session.FirstPart);
        writer.WriteStartArray("gap_reasons");
        foreach (var reason in session.Reasons)
            writer.WriteStringValue(reason);
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter writer, ReplayChange change)
    {
        writer.WriteStartObject();
        RequestIdJson.Write(writer, (change.After ?? change.Before)!.RequestId);
        writer.WriteString("change", Kinds[change.Kind]);
        writer.WriteString("before", Describe(change.Before));
        writer.WriteString("after", Describe(change.After));
        writer.WriteEndObject();
    }
}
