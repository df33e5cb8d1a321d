using System.Text.Json;

namespace CrossLayer.Host.Files;

/// <summary>
/// Cuts a file into its records: a JSON array of objects, JSON lines, or an object whose property holds the array. Which it
/// is shows in the content, not in the name. The file is streamed; the buffer grows for a big record up to
/// <see cref="MaxRecordBytes"/>.
/// </summary>
internal sealed class RecordSplitter : IDisposable
{
    /// <summary>The longest record that is read, in bytes.</summary>
    public const int MaxRecordBytes = 1 << 20;

    private const int FirstBufferBytes = 1 << 16;

    private static readonly JsonReaderOptions Options = new() { AllowMultipleValues = true };

    private readonly Stream _stream;
    private readonly RecordFileErrors _errors;
    private readonly string? _container;
    private byte[] _buffer = new byte[FirstBufferBytes];
    private int _start;
    private int _end;
    private long _line = 1;
    private JsonReaderState _state = new(Options);
    private bool _atEnd;
    private bool _inContainer;
    private bool _anything;

    /// <summary>Splits a stream.</summary>
    /// <param name="stream">UTF-8, perhaps with a byte order mark; disposed with the splitter.</param>
    /// <param name="container">The property that holds the array where the file is an object; null where it never is.</param>
    /// <param name="errors">Makes the errors.</param>
    public RecordSplitter(Stream stream, string? container, RecordFileErrors errors)
    {
        (_stream, _container, _errors) = (stream, container, errors);
        Fill();
        if (_buffer.AsSpan(0, _end).StartsWith("\uFEFF"u8))
            _start = 3;
    }

    /// <summary>Records given so far.</summary>
    public long Count { get; private set; }

    /// <summary>The next record.</summary>
    /// <param name="record">One well-formed JSON object; valid until the next call.</param>
    /// <param name="line">The line it starts in, from 1.</param>
    /// <returns>False at the end of the file.</returns>
    /// <exception cref="InputException">The file is not JSON, is cut short, or holds something else than records.</exception>
    public bool TryNext(out ReadOnlySpan<byte> record, out long line)
    {
        while (true)
        {
            var data = _buffer.AsSpan(_start, _end - _start);
            var reader = new Utf8JsonReader(data, _atEnd, _state);
            var step = Step(ref reader, out var recordStart);
            if (step == Progress.Record)
            {
                line = _line + data[..recordStart].Count((byte)'\n');
                record = data[recordStart..(int)reader.BytesConsumed];
                Commit(ref reader);
                Count++;
                return true;
            }

            if (step == Progress.Token)
            {
                Commit(ref reader);
            }
            else if (_atEnd)
            {
                if (!_anything)
                    throw _errors.Empty();
                record = default;
                line = _line;
                return false;
            }
            else
            {
                Fill();
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _stream.Dispose();

    private enum Progress
    {
        NeedsMore,
        Token,
        Record,
    }

    // Reads one token, or one whole record or foreign property.
    private Progress Step(ref Utf8JsonReader reader, out int recordStart)
    {
        recordStart = 0;
        try
        {
            if (!reader.Read())
                return Progress.NeedsMore;
            _anything = true;
            recordStart = (int)reader.TokenStartIndex;
            switch (reader.TokenType)
            {
                case JsonTokenType.EndArray or JsonTokenType.EndObject:
                    _inContainer &= reader.CurrentDepth > 0;
                    return Progress.Token;
                case JsonTokenType.StartArray when !_inContainer && reader.CurrentDepth == 0:
                    return Progress.Token;
                case JsonTokenType.PropertyName when IsNamed(ref reader, _container):
                    return reader.Read() ? Demand(ref reader, JsonTokenType.StartArray) : Progress.NeedsMore;
                case JsonTokenType.PropertyName:
                    return reader.TrySkip() ? Progress.Token : Progress.NeedsMore;
                case JsonTokenType.StartObject:
                    return StepIntoObject(ref reader);
                default:
                    throw NotARecord(ref reader);
            }
        }
        catch (JsonException exception)
        {
            throw _atEnd
                ? CutShort()
                : _errors.Malformed(exception);
        }
    }

    private Progress StepIntoObject(ref Utf8JsonReader reader)
    {
        if (_container is not null && reader.CurrentDepth == 0)
        {
            var ahead = reader;
            if (!ahead.Read())
                return Progress.NeedsMore;
            if (ahead.TokenType == JsonTokenType.PropertyName
                && (IsNamed(ref ahead, _container) || IsNamed(ref ahead, CorrelationSummary.Name)))
            {
                _inContainer = true;
                return Progress.Token;
            }
        }

        return reader.TrySkip() ? Progress.Record : Progress.NeedsMore;
    }

    // An escape may stand for half a character: that is nobody's name.
    private static bool IsNamed(ref Utf8JsonReader reader, string? name)
    {
        try
        {
            return reader.ValueTextEquals(name);
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    private Progress Demand(ref Utf8JsonReader reader, JsonTokenType type) =>
        reader.TokenType == type ? Progress.Token : throw NotARecord(ref reader);

    private InputException NotARecord(ref Utf8JsonReader reader)
    {
        var before = _buffer.AsSpan(_start, (int)reader.TokenStartIndex);
        return _errors.NotARecord(_line + before.Count((byte)'\n'), reader.TokenType);
    }

    private InputException CutShort()
    {
        var rest = _buffer.AsSpan(_start, _end - _start);
        var separators = rest.Length - rest.TrimStart(" \t\r\n,"u8).Length;
        return _errors.CutShort(_line + rest[..separators].Count((byte)'\n'), separators < rest.Length, Count);
    }

    private void Commit(ref Utf8JsonReader reader)
    {
        var consumed = (int)reader.BytesConsumed;
        _line += _buffer.AsSpan(_start, consumed).Count((byte)'\n');
        _start += consumed;
        _state = reader.CurrentState;
    }

    private void Fill()
    {
        var kept = _end - _start;
        if (kept == _buffer.Length)
        {
            if (_buffer.Length >= MaxRecordBytes)
                throw _errors.TooLong(_line, MaxRecordBytes);
            var bigger = new byte[_buffer.Length * 2];
            _buffer.AsSpan(_start, kept).CopyTo(bigger);
            _buffer = bigger;
        }
        else
        {
            _buffer.AsSpan(_start, kept).CopyTo(_buffer);
        }

        (_start, _end) = (0, kept);
        var read = _stream.ReadAtLeast(_buffer.AsSpan(_end), 1, throwOnEndOfStream: false);
        _end += read;
        _atEnd = read == 0;
    }
}
