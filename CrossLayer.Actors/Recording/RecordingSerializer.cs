using System.Buffers.Binary;
using System.Numerics;
using Akka.Actor;
using Akka.Serialization;
using Google.Protobuf;

namespace CrossLayer.Actors.Recording;

/// <summary>
/// Writes a recording's rows as protobuf (recording.proto) under short manifests. A row that this version does not know, or
/// that is damaged, is read as <see cref="UnreadableRow"/>, which names it: the recording goes on behind it.
/// </summary>
/// <param name="system">The system that the serializer belongs to.</param>
public sealed class RecordingSerializer(ExtendedActorSystem system) : SerializerWithStringManifest(system)
{
    private const string PartManifest = "RH1";
    private const string InputManifest = "RB1";
    private const string GapManifest = "RG1";
    private const string EndManifest = "RE1";

    // Field 15, fixed32.
    private const byte ChecksumTag = (15 << 3) | 5;
    internal const int ChecksumBytes = 1 + sizeof(uint);

    /// <summary>Stored beside every row: never to be changed.</summary>
    public override int Identifier => 25204;

    /// <inheritdoc/>
    /// <exception cref="ArgumentException"><paramref name="o"/> is no row of a recording.</exception>
    public override string Manifest(object o) => o switch
    {
        Wire.Part => PartManifest,
        Wire.InputBatch => InputManifest,
        Wire.Gap => GapManifest,
        Wire.End => EndManifest,
        _ => throw NotARow(o),
    };

    /// <inheritdoc/>
    /// <exception cref="ArgumentException"><paramref name="obj"/> is no row of a recording.</exception>
    public override byte[] ToBinary(object obj)
    {
        var message = obj as IMessage ?? throw NotARow(obj);
        var bytes = new byte[message.CalculateSize() + ChecksumBytes];
        message.WriteTo(bytes.AsSpan(0, bytes.Length - ChecksumBytes));
        Seal(bytes);
        return bytes;
    }

    /// <inheritdoc/>
    public override object FromBinary(byte[] bytes, string manifest) => Read(bytes, manifest);

    /// <summary>Puts the checksum into a row's last bytes.</summary>
    internal static void Seal(Span<byte> row)
    {
        var size = row.Length - ChecksumBytes;
        row[size] = ChecksumTag;
        BinaryPrimitives.WriteUInt32LittleEndian(row[(size + 1)..], Checksum(row[..size]));
    }

    /// <summary>The row in these bytes, or <see cref="UnreadableRow"/>.</summary>
    internal static object Read(byte[] bytes, string manifest)
    {
        ArgumentNullException.ThrowIfNull(bytes);
        MessageParser? parser = manifest switch
        {
            PartManifest => Wire.Part.Parser,
            InputManifest => Wire.InputBatch.Parser,
            GapManifest => Wire.Gap.Parser,
            EndManifest => Wire.End.Parser,
            _ => null,
        };
        if (parser is null)
            return new UnreadableRow($"a row with manifest '{manifest}', which this version does not know", bytes.Length);
        var size = bytes.Length - ChecksumBytes;
        if (size < 0 || bytes[size] != ChecksumTag || BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(size + 1)) != Checksum(bytes.AsSpan(0, size)))
            return new UnreadableRow($"a damaged row with manifest '{manifest}': its checksum is not that of its bytes", bytes.Length);
        try
        {
            return parser.ParseFrom(bytes, 0, size);
        }
        catch (InvalidProtocolBufferException damage)
        {
            return new UnreadableRow($"a damaged row with manifest '{manifest}': {damage.Message}", bytes.Length);
        }
    }

    /// <summary>CRC-32C (RFC 3720, appendix B.4).</summary>
    private static uint Checksum(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        for (; bytes.Length >= sizeof(ulong); bytes = bytes[sizeof(ulong)..])
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        foreach (var b in bytes)
            crc = BitOperations.Crc32C(crc, b);
        return ~crc;
    }

    private static ArgumentException NotARow(object value) => new($"{value?.GetType().FullName ?? "null"} is no row of a recording.");
}
