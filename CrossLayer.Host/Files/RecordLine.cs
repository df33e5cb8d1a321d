using System.Buffers;
using System.Text.Json;

namespace CrossLayer.Host.Files;

/// <summary>Reads records line by line, where a bad line must not end the others.</summary>
internal sealed class RecordLine<T>(RecordKind<T> kind)
{
    private readonly char[] _scratch = new char[FieldReader.ScratchLength];
    private readonly ArrayBufferWriter<byte> _mended = new();

    /// <summary>Names of fields seen so far that this program does not know; they are no error.</summary>
    public UnknownFields Unknown { get; } = new();

    /// <summary>The record of a line.</summary>
    /// <exception cref="FieldException">The line is no JSON object, or a field cannot be used.</exception>
    /// <exception cref="NoRequestException">It is no record.</exception>
    public T Read(ReadOnlySpan<byte> line)
    {
        if (kind.Mend is { } mend)
        {
            _mended.ResetWrittenCount();
            if (!mend(line, _mended))
                throw new NoRequestException();
            line = _mended.WrittenSpan;
        }

        Check(line);
        var fields = new FieldReader(line, Unknown, _scratch);
        return kind.Read(ref fields);
    }

    private static void Check(ReadOnlySpan<byte> line)
    {
        try
        {
            var reader = new Utf8JsonReader(line);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
                throw new FieldException("no JSON object", 0);
            reader.Skip();
            while (reader.Read())
            {
                // Only white space may follow; anything else throws.
            }
        }
        catch (JsonException exception)
        {
            throw new FieldException($"not JSON: {OneLine.Of(exception.Message.Split(" LineNumber:", 2)[0].TrimEnd('.'))}", exception.BytePositionInLine ?? 0);
        }
    }
}
