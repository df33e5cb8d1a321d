using System.Text.Json;

namespace CrossLayer.Host.Files;

/// <summary>The one-line errors of a file of records: file, line, what was found, what was expected.</summary>
/// <param name="path">The file, as the user named it.</param>
/// <param name="kind">The kind of record, singular.</param>
internal sealed class RecordFileErrors(string path, string kind)
{
    private string Forms => $"{kind}s as a JSON array or as JSON lines";

    /// <summary>Nothing but white space.</summary>
    public InputException Empty() => new($"{path} is empty; expected {Forms}");

    /// <summary>Not JSON.</summary>
    public InputException Malformed(JsonException exception) => Malformed(exception, (exception.LineNumber ?? 0) + 1);

    /// <summary>Not JSON, where the reader began in the middle of the text.</summary>
    public InputException Malformed(JsonException exception, long line)
    {
        var reason = exception.Message.Split(" LineNumber:", 2)[0].TrimEnd('.');
        var hint = reason.StartsWith("'N'", StringComparison.Ordinal) || reason.StartsWith("'I'", StringComparison.Ordinal)
            ? " (JSON has no NaN or Infinity: write null or leave the field out)"
            : "";
        return At(line, $"not JSON: {OneLine.Of(reason)}{hint}; expected {Forms}");
    }

    /// <summary>The file ends too early.</summary>
    /// <param name="line">Where what is cut begins.</param>
    /// <param name="inRecord">False where only the closing brackets are missing.</param>
    /// <param name="whole">Records before it.</param>
    public InputException CutShort(long line, bool inRecord, long whole)
    {
        var place = inRecord ? $"inside a {kind}" : "before its closing bracket";
        return At(line, $"the file ends {place}; {whole} whole {kind}{(whole == 1 ? "" : "s")} before it");
    }

    /// <summary>Something else where a record should be.</summary>
    public InputException NotARecord(long line, JsonTokenType found) =>
        At(line, $"{Name(found)}; expected a {kind} (a JSON object)");

    /// <summary>A record, or what looks like one, is longer than the limit.</summary>
    public InputException TooLong(long line, int limit) => At(line, $"a value longer than {limit} bytes; expected a {kind}");

    /// <summary>A field cannot be used.</summary>
    /// <param name="line">The line the record starts in.</param>
    /// <param name="record">The record.</param>
    /// <param name="exception">What is wrong with which field.</param>
    public InputException Field(long line, ReadOnlySpan<byte> record, FieldException exception) =>
        At(line + record[..(int)exception.Offset].Count((byte)'\n'), exception.Message);

    private static string Name(JsonTokenType type) => type switch
    {
        JsonTokenType.String => "a string",
        JsonTokenType.Number => "a number",
        JsonTokenType.True or JsonTokenType.False => "a boolean",
        JsonTokenType.Null => "null",
        JsonTokenType.StartArray => "an array",
        _ => "an object",
    };

    private InputException At(long line, string message) => new($"{path}, line {line}: {message}");
}
