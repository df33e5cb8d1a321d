using System.Text;

namespace CrossLayer.Fuzz;

/// <summary>Makes inputs of others.</summary>
/// <param name="random">All that is left to chance.</param>
/// <param name="tokens">Words to put in.</param>
internal sealed class Mutator(Random random, IEnumerable<string> tokens)
{
    /// <summary>The longest input, in bytes.</summary>
    public const int MaxBytes = 64 << 10;

    private const int MostSteps = 6;
    private const int LongestChunk = 256;

    private static readonly string[] Numbers =
    [
        "0", "-0", "-1", "1", "255", "256", "65535", "65536", "2147483647", "2147483648", "-2147483648", "4294967295", "9007199254740993",
        "9223372036854775807", "9223372036854775808", "-9223372036854775808", "18446744073709551615", "18446744073709551616", "1e5", "1E+400",
        "1e-400", "0.1", "0.0000000000000000000000000001", "79228162514264337593543950335", "79228162514264337593543950336", "1e308", "NaN",
        "+1", "00", "0x10", " 7", new('9', 400),
    ];

    private static readonly string[] Structure =
    [
        "{", "}", "[", "]", "\"", "'", ",", ":", "=", "\\", "/", "#", "-", "?", "\n", "\r\n", "\t", "\0", "null", "true", "\"\"", "{}", "[]", "\\u0000",
        "\\ud800", "\\udc00\\ud800", "\\x", "\uFEFF", "\u2028", "🙂", new('[', 500), new('{', 500), new('"', 40), new('a', 2000), new string('a', 199) + "🙂", new string('9', 199) + ".5",
    ];

    // No UTF-8: a lone continuation, an overlong NUL, half a surrogate pair, beyond Unicode, cut short. Then varints without end, and the longest.
    private static readonly byte[][] Bytes =
    [
        [0x80], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xE2, 0x82], [0xFF], [0xFE, 0xFF], [0, 0, 0, 0],
        [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF], [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01],
        [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F], [0xFF, 0xFF, 0xFF, 0xFF, 0x07], [0xFF, 0xFF, 0x7F], [0x80, 0x80, 0x40],
    ];

    private readonly byte[][] _numbers = [.. Numbers.Select(Encoding.UTF8.GetBytes)];
    private readonly byte[][] _tokens = [.. Numbers.Concat(Structure).Concat(tokens).Select(Encoding.UTF8.GetBytes), .. Bytes];

    /// <summary>A mutation of one of the inputs.</summary>
    public byte[] Mutate(IReadOnlyList<byte[]> pool)
    {
        var input = Any(pool);
        for (var steps = random.Next(1, MostSteps); steps > 0; steps--)
            input = Step(input, pool);
        return input.Length <= MaxBytes ? input : input[..MaxBytes];
    }

    private byte[] Step(byte[] input, IReadOnlyList<byte[]> pool)
    {
        var (start, end) = Range(input.Length, LongestChunk);
        switch (random.Next(10))
        {
            case 0: return input.Length == 0 ? input : With(input, start, (byte)(input[start] ^ (1 << random.Next(8))));
            case 1: return input.Length == 0 ? input : With(input, start, (byte)random.Next(256));
            case 2: return input[..start];
            case 3: return [.. input[..start], .. input[end..]];
            case 4: return [.. input[..start], .. Any(_tokens), .. input[start..]];
            case 5: return [.. input[..start], .. Any(_tokens), .. input[end..]];
            case 6: return [.. input[..start], .. Repeat(input[start..end]), .. input[end..]];
            case 7: return Splice(input[..start], Any(pool));
            case 8: return Replace(input, start, letter => char.IsAsciiDigit((char)letter), Any(_numbers));
            default: return Replace(input, start, letter => letter != '"', Any(_tokens));
        }
    }

    private byte[] Repeat(byte[] chunk)
    {
        var most = chunk.Length == 0 ? 0 : MaxBytes / chunk.Length;
        var times = random.Next(8) == 0 ? random.Next(most + 1) : random.Next(Math.Min(most, 8) + 1);
        return [.. Enumerable.Repeat(chunk, times).SelectMany(bytes => bytes)];
    }

    private byte[] Splice(byte[] head, byte[] other) => [.. head, .. other[random.Next(other.Length + 1)..]];

    // The first whole run at or behind a place: a number, or what stands between quotes.
    private static byte[] Replace(byte[] input, int from, Func<byte, bool> isPart, byte[] by)
    {
        var start = from;
        while (start < input.Length && !isPart(input[start]))
            start++;
        var end = start;
        while (end < input.Length && isPart(input[end]))
            end++;
        return [.. input[..start], .. by, .. input[end..]];
    }

    private static byte[] With(byte[] input, int place, byte value)
    {
        var copy = (byte[])input.Clone();
        copy[place] = value;
        return copy;
    }

    private (int Start, int End) Range(int length, int longest)
    {
        var start = length == 0 ? 0 : random.Next(length);
        return (start, start + random.Next(Math.Min(length - start, longest) + 1));
    }

    private byte[] Any(IReadOnlyList<byte[]> of) => of[random.Next(of.Count)];
}
