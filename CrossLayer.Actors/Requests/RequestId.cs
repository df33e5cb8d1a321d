using System.Globalization;

namespace CrossLayer.Actors.Requests;

/// <summary>An application's name for a request. JSON numbers stay numbers, so that other programs can join on them.</summary>
/// <param name="Text">The name.</param>
/// <param name="IsNumber">True where the application wrote a JSON number.</param>
public readonly record struct RequestId(string Text, bool IsNumber = false) : IComparable<RequestId>
{
    /// <inheritdoc cref="RequestId"/>
    public static RequestId From(long number) => new(number.ToString(CultureInfo.InvariantCulture), IsNumber: true);

    /// <summary>Numbers by value, before texts; texts by ordinal order.</summary>
    public int CompareTo(RequestId other)
    {
        if (IsNumber != other.IsNumber)
            return IsNumber ? -1 : 1;
        return IsNumber && long.TryParse(Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var one)
            && long.TryParse(other.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var another)
            ? one.CompareTo(another) : string.CompareOrdinal(Text, other.Text);
    }

    /// <inheritdoc/>
    public override string ToString() => Text;

    /// <inheritdoc cref="CompareTo"/>
    public static bool operator <(RequestId left, RequestId right) => left.CompareTo(right) < 0;

    /// <inheritdoc cref="CompareTo"/>
    public static bool operator >(RequestId left, RequestId right) => left.CompareTo(right) > 0;

    /// <inheritdoc cref="CompareTo"/>
    public static bool operator <=(RequestId left, RequestId right) => left.CompareTo(right) <= 0;

    /// <inheritdoc cref="CompareTo"/>
    public static bool operator >=(RequestId left, RequestId right) => left.CompareTo(right) >= 0;
}
