using System.Globalization;
using System.Text;
using CrossLayer.Probe;

namespace CrossLayer.Host.Files;

/// <summary>
/// A process's name as text. The kernel keeps bytes, cut at 15 and so perhaps within a character: a byte that is not part of
/// valid UTF-8 is written <c>\xNN</c>, and so is the backslash (<c>\x5c</c>), so that every name can be read back exactly.
/// </summary>
internal static class CommText
{
    /// <summary>The longest name in this form, in bytes.</summary>
    public const int MaxLength = 16 * EscapeLength;

    private const int EscapeLength = 4;

    /// <summary>Writes the name in UTF-8.</summary>
    /// <param name="comm">The name.</param>
    /// <param name="destination">At least <see cref="MaxLength"/> bytes.</param>
    /// <returns>How many bytes were written.</returns>
    public static int Format(in CommName comm, Span<byte> destination)
    {
        var length = 0;
        for (var name = comm.Name; !name.IsEmpty;)
        {
            var valid = Rune.DecodeFromUtf8(name, out _, out var consumed) == System.Buffers.OperationStatus.Done;
            if (valid && name[0] != '\\')
            {
                name[..consumed].CopyTo(destination[length..]);
                length += consumed;
                name = name[consumed..];
                continue;
            }

            @"\x"u8.CopyTo(destination[length..]);
            name[0].TryFormat(destination[(length + 2)..], out _, "x2");
            length += EscapeLength;
            name = name[1..];
        }

        return length;
    }

    /// <summary>Reads a name; what is longer than the kernel's 16 bytes is cut.</summary>
    public static CommName Parse(ReadOnlySpan<byte> text)
    {
        CommName comm = default;
        Span<byte> bytes = comm;
        for (var i = 0; i < bytes.Length && !text.IsEmpty; i++)
        {
            var escaped = text.Length >= EscapeLength
                && text.StartsWith(@"\x"u8)
                && byte.TryParse(text[2..EscapeLength], NumberStyles.AllowHexSpecifier, null, out bytes[i]);
            if (!escaped)
                bytes[i] = text[0];
            text = text[(escaped ? EscapeLength : 1)..];
        }

        return comm;
    }
}
