using System.Globalization;
using System.Text.Json;
using CrossLayer.Actors.Recording;
using CrossLayer.Host.Commands;
using Spectre.Console;

namespace CrossLayer.Host.Replaying;

/// <summary>Prints which recordings a journal holds.</summary>
internal static class SessionList
{
    private static readonly JsonWriterOptions Indented = new() { Indented = true };

    /// <summary>Prints them, oldest first.</summary>
    public static async Task WriteAsync(IReadOnlyList<RecordedSession> sessions, OutputFormat format, string path, TextWriter output)
    {
        switch (format)
        {
            case OutputFormat.Table when sessions.Count == 0:
                await output.WriteLineAsync($"no recordings in {path}");
                break;
            case OutputFormat.Table:
                WriteTable(sessions, output);
                break;
            case OutputFormat.Json:
                await output.WriteLineAsync(Json(Indented, writer =>
                {
                    writer.WriteStartArray();
                    foreach (var session in sessions)
                        Write(writer, session);
                    writer.WriteEndArray();
                }));
                break;
            default:
                foreach (var session in sessions)
                    await output.WriteLineAsync(Json(default, writer => Write(writer, session)));
                break;
        }
    }

    private static void WriteTable(IReadOnlyList<RecordedSession> sessions, TextWriter output)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumns("Session", "Ended", "Kernel events", "Records", "Bytes", "Lost inputs", "Writer");
        foreach (var session in sessions)
            table.AddRow(
                Markup.Escape(session.Id),
                session.EndedUnixNs is { } ended ? UnixTime.ToDateTime(ended).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture) : "not in order, or running",
                Number(session.Events), Number(session.Records), Number(session.Bytes), Number(session.LostInputs), Markup.Escape(session.DiscrepancyWriter));
        Terminal.For(output).Write(table);
    }

    private static void Write(Utf8JsonWriter writer, RecordedSession session)
    {
        writer.WriteStartObject();
        writer.WriteString("session", session.Id);
        writer.WriteNumber("started_unix_ns", session.StartedUnixNs);
        if (session.EndedUnixNs is { } ended)
            writer.WriteNumber("ended_unix_ns", ended);
        else
            writer.WriteNull("ended_unix_ns");
        writer.WriteNumber("kernel_events", session.Events);
        writer.WriteNumber("records", session.Records);
        writer.WriteNumber("bytes", session.Bytes);
        writer.WriteNumber("lost_inputs", session.LostInputs);
        writer.WriteNumber("first_part", session.FirstPart);
        writer.WriteNumber("parts", session.Parts);
        writer.WriteString("writer", session.DiscrepancyWriter);
        writer.WriteString("program_version", session.ProgramVersion);
        writer.WriteEndObject();
    }

    private static string Json(JsonWriterOptions options, Action<Utf8JsonWriter> write)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, options))
            write(writer);
        return System.Text.Encoding.UTF8.GetString(buffer.ToArray());
    }

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);
}
