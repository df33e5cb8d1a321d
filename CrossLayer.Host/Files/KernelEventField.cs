using System.Numerics;
using System.Text.Json;
using CrossLayer.Probe;

namespace CrossLayer.Host.Files;

/// <summary>One field of a kernel event in JSON: its name, how it is read and how it is written.</summary>
internal abstract class KernelEventField(string name)
{
    /// <summary>The place of a value in an event.</summary>
    public delegate ref T Place<T>(ref DatedKernelEvent dated);

    /// <summary>The name in JSON.</summary>
    public string Name { get; } = name;

    /// <summary>The name as it is written.</summary>
    protected JsonEncodedText Encoded { get; } = JsonEncodedText.Encode(name);

    /// <summary>The field at hand is this one, for sure.</summary>
    public bool IsAtHand(ref readonly FieldReader fields) => fields.IsPlainly(Encoded.EncodedUtf8Bytes);

    /// <summary>Takes the value at hand.</summary>
    public abstract void Read(ref FieldReader fields, ref DatedKernelEvent dated);

    /// <summary>Writes name and value, or nothing where reading restores the value without them.</summary>
    public abstract void Write(Utf8JsonWriter writer, ref DatedKernelEvent dated);

    /// <summary>A whole number. Zero is what an absent field means, and is left out unless <paramref name="always"/>.</summary>
    public sealed class Number<T>(string name, Place<T> place, bool always = false, T? least = null) : KernelEventField(name)
        where T : struct, IBinaryInteger<T>, IMinMaxValue<T>
    {
        /// <inheritdoc/>
        public override void Read(ref FieldReader fields, ref DatedKernelEvent dated) => place(ref dated) = fields.Whole(least);

        /// <inheritdoc/>
        public override void Write(Utf8JsonWriter writer, ref DatedKernelEvent dated)
        {
            var value = place(ref dated);
            if (T.IsNegative(value))
                writer.WriteNumber(Encoded, long.CreateTruncating(value));
            else if (always || !T.IsZero(value))
                writer.WriteNumber(Encoded, ulong.CreateTruncating(value));
        }
    }

    /// <summary>A value by its name.</summary>
    public sealed class Named<T>(string name, EnumNames<T> names, Place<T> place) : KernelEventField(name)
        where T : struct, Enum
    {
        /// <inheritdoc/>
        public override void Read(ref FieldReader fields, ref DatedKernelEvent dated) => place(ref dated) = fields.Enum(names);

        /// <inheritdoc/>
        public override void Write(Utf8JsonWriter writer, ref DatedKernelEvent dated) =>
            writer.WriteString(Encoded, names[place(ref dated)]);
    }

    /// <summary>A TCP state by its name, or by its number where a newer kernel has one that is not known here.</summary>
    public sealed class State(string name, Place<TcpState> place) : KernelEventField(name)
    {
        private static readonly EnumNames<TcpState> Names = new(except: [TcpState.None]);

        /// <inheritdoc/>
        public override void Read(ref FieldReader fields, ref DatedKernelEvent dated) =>
            place(ref dated) = fields.IsNumber ? (TcpState)fields.Whole<byte>() : fields.Enum(Names);

        /// <inheritdoc/>
        public override void Write(Utf8JsonWriter writer, ref DatedKernelEvent dated)
        {
            var state = place(ref dated);
            if (Names.TryGetName(state, out var known))
                writer.WriteString(Encoded, known);
            else if (state != TcpState.None)
                writer.WriteNumber(Encoded, (byte)state);
        }
    }

    /// <summary>One end of the socket.</summary>
    public sealed class End(string name, bool isLocal) : KernelEventField(name)
    {
        /// <inheritdoc/>
        public override void Read(ref FieldReader fields, ref DatedKernelEvent dated)
        {
            if (isLocal)
                dated.Event.Local = fields.Endpoint();
            else
                dated.Event.Peer = fields.Endpoint();
        }

        /// <inheritdoc/>
        public override void Write(Utf8JsonWriter writer, ref DatedKernelEvent dated)
        {
            Span<byte> text = stackalloc byte[EndpointText.MaxLength];
            var length = EndpointText.Format(isLocal ? dated.Event.Local : dated.Event.Peer, text);
            writer.WriteString(Encoded, text[..length]);
        }
    }

    /// <summary>The owner's name.</summary>
    public sealed class Owner(string name) : KernelEventField(name)
    {
        // JSON may write each byte of the name as \u00NN.
        private const int MaxEscaped = 6 * CommText.MaxLength;

        /// <inheritdoc/>
        public override void Read(ref FieldReader fields, ref DatedKernelEvent dated)
        {
            Span<byte> text = stackalloc byte[MaxEscaped];
            dated.Event.Comm = CommText.Parse(text[..fields.Utf8(text)]);
        }

        /// <inheritdoc/>
        public override void Write(Utf8JsonWriter writer, ref DatedKernelEvent dated)
        {
            Span<byte> text = stackalloc byte[CommText.MaxLength];
            writer.WriteString(Encoded, text[..CommText.Format(in dated.Event.Comm, text)]);
        }
    }

    /// <summary>The event's reason by number; where it is a type of event, <see cref="MissingType"/> has it.</summary>
    public sealed class Reason(string name) : KernelEventField(name)
    {
        /// <inheritdoc/>
        public override void Read(ref FieldReader fields, ref DatedKernelEvent dated) => dated.Event.Reason = fields.Whole<uint>();

        /// <inheritdoc/>
        public override void Write(Utf8JsonWriter writer, ref DatedKernelEvent dated)
        {
            if (dated.Event.Reason != 0 && dated.Event.Type != KernelEventType.Missing)
                writer.WriteNumber(Encoded, dated.Event.Reason);
        }
    }

    /// <summary>What the recording machine's kernel calls the reason.</summary>
    public sealed class ReasonName(string name) : KernelEventField(name)
    {
        // Kernels have some two hundred names; more than this is no kernel's.
        private static readonly InternedText Names = new(most: 4096);

        /// <inheritdoc/>
        public override void Read(ref FieldReader fields, ref DatedKernelEvent dated) => dated.ReasonName = fields.Text(Names);

        /// <inheritdoc/>
        public override void Write(Utf8JsonWriter writer, ref DatedKernelEvent dated)
        {
            if (dated.ReasonName is { } text)
                writer.WriteString(Encoded, text);
        }
    }

    /// <summary>The type that the hooks do not tell of.</summary>
    public sealed class MissingType(string name) : KernelEventField(name)
    {
        private static readonly EnumNames<KernelEventType> Types =
            new(except: [KernelEventType.None, KernelEventType.Lost, KernelEventType.Missing]);

        /// <summary>True if an event of type <see cref="KernelEventType.Missing"/> says what is missing.</summary>
        public static bool IsTold(in KernelEvent e) => Types.TryGetName(e.MissingType, out _);

        /// <inheritdoc/>
        public override void Read(ref FieldReader fields, ref DatedKernelEvent dated) => dated.Event.MissingType = fields.Enum(Types);

        /// <inheritdoc/>
        public override void Write(Utf8JsonWriter writer, ref DatedKernelEvent dated)
        {
            if (dated.Event.Type == KernelEventType.Missing)
                writer.WriteString(Encoded, Types[dated.Event.MissingType]);
        }
    }

    /// <summary>One of the flags.</summary>
    public sealed class Flag(string name, StreamFlags flag) : KernelEventField(name)
    {
        /// <inheritdoc/>
        public override void Read(ref FieldReader fields, ref DatedKernelEvent dated)
        {
            if (fields.Flag())
                dated.Event.Flags |= flag;
            else
                dated.Event.Flags &= ~flag;
        }

        /// <inheritdoc/>
        public override void Write(Utf8JsonWriter writer, ref DatedKernelEvent dated)
        {
            if ((dated.Event.Flags & flag) != 0)
                writer.WriteBoolean(Encoded, true);
        }
    }
}
