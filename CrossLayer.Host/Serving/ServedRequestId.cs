using System.Globalization;
using CrossLayer.Actors.Requests;

namespace CrossLayer.Host.Serving;

/// <summary>The id that a request brings with it, or a new one.</summary>
internal static class ServedRequestId
{
    /// <summary>The header that carries the id.</summary>
    public const string Header = "X-Request-Id";

    private const int MaxLength = 128;

    // More digits would not survive the way through a 64-bit number.
    private const int MaxDigits = 18;

    /// <summary>
    /// The header's value where it is up to 128 visible ASCII characters; a whole number becomes a number, so that it equals
    /// the id of the client that sent it. Otherwise a new id.
    /// </summary>
    public static RequestId Of(string? header)
    {
        if (header is null || header.Length is 0 or > MaxLength || header.AsSpan().ContainsAnyExceptInRange('!', '~'))
            return new RequestId(Guid.NewGuid().ToString("N"));
        return header.Length <= MaxDigits && (header[0] != '0' || header.Length == 1)
            && long.TryParse(header, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? RequestId.From(number)
            : new RequestId(header);
    }
}
