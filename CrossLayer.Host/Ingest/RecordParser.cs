using System.Text.Json;
using CrossLayer.Actors.Requests;
using CrossLayer.Host.Files;

namespace CrossLayer.Host.Ingest;

/// <summary>
/// Finds the request records in a text that is in memory: a JSON array, one object, or JSON lines. A bad record does not cost the
/// others: behind one that is no JSON, lines go on at the next line. Only of an array nothing can be read from there on.
/// </summary>
internal sealed class RecordParser
{
    // A record has no objects in it. A low bound also keeps what an unclosed one makes the parser look at in vain small.
    private const int MaxDepth = 8;

    private static readonly JsonReaderOptions Lines = new() { AllowMultipleValues = true, MaxDepth = MaxDepth };

    private readonly char[] _scratch = new char[FieldReader.ScratchLength];
    private readonly UnknownFields _unknown = new();
    private readonly RecordFileErrors _errors;
    private readonly int _maxRecords;
    private readonly List<RequestRecord> _records = [];
    private int _rejected;
    private string? _firstError;
    private int _countedTo;
    private readonly long _firstLine;
    private long _line;

    private RecordParser(string name, int maxRecords, long firstLine) =>
        (_errors, _maxRecords, _line, _firstLine) = (new RecordFileErrors(name, RequestRecordJson.Kind.Name), maxRecords, firstLine, firstLine);

    /// <summary>Parses a text.</summary>
    /// <param name="text">UTF-8, perhaps with a byte order mark.</param>
    /// <param name="name">What messages call the text.</param>
    /// <param name="maxRecords">The most pieces, good or bad.</param>
    /// <param name="firstLine">The number of the text's first line.</param>
    /// <returns>What was found; null where there are more than <paramref name="maxRecords"/>.</returns>
    public static ParsedRecords? Parse(ReadOnlySpan<byte> text, string name, int maxRecords, long firstLine = 1)
    {
        var parser = new RecordParser(name, maxRecords, firstLine);
        if (text.StartsWith("\uFEFF"u8))
            text = text[3..];
        var isComplete = text.TrimStart(" \t\r\n"u8) is [(byte)'[', ..] ? parser.ReadArray(text) : parser.ReadLines(text);
        return isComplete ? new ParsedRecords(parser._records, parser._rejected, parser._firstError) : null;
    }

    private bool HasRoom => _records.Count + _rejected < _maxRecords;

    private bool ReadArray(ReadOnlySpan<byte> text)
    {
        var reader = new Utf8JsonReader(text, new JsonReaderOptions { MaxDepth = MaxDepth });
        try
        {
            reader.Read();
            while (reader.Read())
            {
                if (reader.TokenType == JsonTokenType.EndArray)
                    continue; // Read() then finds the end, or what should not follow.
                if (!HasRoom)
                    return false;
                ReadValue(text, ref reader, 0);
            }
        }
        catch (JsonException exception)
        {
            Reject(_errors.Malformed(exception, _firstLine + (exception.LineNumber ?? 0)));
        }

        return true;
    }

    private bool ReadLines(ReadOnlySpan<byte> text)
    {
        var position = 0;
        while (!text[position..].TrimStart(" \t\r\n"u8).IsEmpty)
        {
            if (!HasRoom)
                return false;
            position = text.Length - text[position..].TrimStart(" \t\r\n"u8).Length;
            var reader = new Utf8JsonReader(text[position..], Lines);
            try
            {
                reader.Read();
                ReadValue(text, ref reader, position);
                position += (int)reader.BytesConsumed;
            }
            catch (JsonException exception)
            {
                Reject(_errors.Malformed(exception, LineOf(text, position) + (exception.LineNumber ?? 0)));
                var end = text[position..].IndexOf((byte)'\n');
                position = end < 0 ? text.Length : position + end + 1;
            }
        }

        return true;
    }

    // The reader stands at the value's first token, and then at its last.
    private void ReadValue(ReadOnlySpan<byte> text, ref Utf8JsonReader reader, int offset)
    {
        var start = offset + (int)reader.TokenStartIndex;
        var type = reader.TokenType;
        reader.Skip();
        if (type != JsonTokenType.StartObject)
        {
            Reject(_errors.NotARecord(LineOf(text, start), type));
            return;
        }

        var json = text[start..(offset + (int)reader.BytesConsumed)];
        try
        {
            var fields = new FieldReader(json, _unknown, _scratch);
            _records.Add(RequestRecordJson.Read(ref fields));
        }
        catch (FieldException exception)
        {
            Reject(_errors.Field(LineOf(text, start), json, exception));
        }
    }

    private void Reject(InputException error)
    {
        _rejected++;
        _firstError ??= error.Message;
    }

    // Asked for ever later positions: each line end is counted once.
    private long LineOf(ReadOnlySpan<byte> text, int position)
    {
        _line += text[_countedTo..position].Count((byte)'\n');
        _countedTo = position;
        return _line;
    }
}
