using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace CrossLayer.Host.Files;

/// <summary>A writer and its buffer, used again for one JSON value after the other.</summary>
internal sealed class JsonBytes : IDisposable
{
    /// <summary>Escapes only what JSON itself demands: the files are read by programs, not embedded in HTML.</summary>
    public static readonly JavaScriptEncoder Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping;

    private readonly ArrayBufferWriter<byte> _buffer = new(1024);

    /// <summary>Empty.</summary>
    public JsonBytes() => Writer = new Utf8JsonWriter(_buffer, new JsonWriterOptions { Encoder = Encoder });

    /// <summary>Writes the value.</summary>
    public Utf8JsonWriter Writer { get; }

    /// <summary>What was written since the last <see cref="Clear"/>, as UTF-8; valid until the next one.</summary>
    public ReadOnlySpan<byte> Written
    {
        get
        {
            Writer.Flush();
            return _buffer.WrittenSpan;
        }
    }

    /// <summary>Begins anew.</summary>
    public void Clear()
    {
        _buffer.ResetWrittenCount();
        Writer.Reset();
    }

    /// <inheritdoc/>
    public void Dispose() => Writer.Dispose();
}
