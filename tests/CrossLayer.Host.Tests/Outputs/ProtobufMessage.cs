using System.Buffers.Binary;
using System.Text;

namespace CrossLayer.Host.Tests.Outputs;

/// <summary>A protobuf message, decoded by the wire format alone (protobuf.dev, Encoding): fields by their numbers.</summary>
internal sealed class ProtobufMessage
{
    private readonly List<(int Number, object Value)> _fields = [];

    private ProtobufMessage(ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            var tag = Varint(ref bytes);
            object value = (tag & 7) switch
            {
                0 => Varint(ref bytes),
                1 => BinaryPrimitives.ReadUInt64LittleEndian(Take(ref bytes, 8)),
                2 => Take(ref bytes, (int)Varint(ref bytes)).ToArray(),
                5 => (ulong)BinaryPrimitives.ReadUInt32LittleEndian(Take(ref bytes, 4)),
                _ => throw new InvalidDataException($"wire type {tag & 7}"),
            };
            _fields.Add(((int)(tag >> 3), value));
        }
    }

    public static ProtobufMessage Parse(ReadOnlySpan<byte> bytes) => new(bytes);

    public bool Has(int number) => _fields.Any(field => field.Number == number);

    public IReadOnlyList<ProtobufMessage> Messages(int number) => [.. Values<byte[]>(number).Select(bytes => new ProtobufMessage(bytes))];

    public ProtobufMessage Message(int number) => Assert.Single(Messages(number));

    public byte[] Bytes(int number) => Assert.Single(Values<byte[]>(number));

    public string Text(int number) => Encoding.UTF8.GetString(Bytes(number));

    public ulong Number(int number) => Assert.Single(Values<ulong>(number));

    private IEnumerable<T> Values<T>(int number) => _fields.Where(field => field.Number == number).Select(field => (T)field.Value);

    private static ReadOnlySpan<byte> Take(ref ReadOnlySpan<byte> bytes, int count)
    {
        var taken = bytes[..count];
        bytes = bytes[count..];
        return taken;
    }

    private static ulong Varint(ref ReadOnlySpan<byte> bytes)
    {
        ulong value = 0;
        for (var shift = 0; ; shift += 7)
        {
            var next = Take(ref bytes, 1)[0];
            value |= (ulong)(next & 0x7f) << shift;
            if (next < 0x80)
                return value;
        }
    }
}
