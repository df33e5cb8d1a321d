using System.Globalization;
using CrossLayer.Host.Analysis.Statistics;

namespace CrossLayer.Host.Analysis.Report;

/// <summary>Figures as a reader sees them.</summary>
internal static class Words
{
    /// <summary>Where there is no figure.</summary>
    public const string Nothing = "–";

    /// <summary>Where a curve ends before it comes to a figure.</summary>
    public const string NotReached = "not reached";

    /// <summary>A share in per cent.</summary>
    public static string Percent(double? share) => share is { } value ? Format($"{value * 100:0.0} %") : Nothing;

    /// <summary>A small share in per cent.</summary>
    public static string FinePercent(double? share) => share is { } value ? Format($"{value * 100:0.00} %") : Nothing;

    /// <summary>A share with its interval.</summary>
    public static string WithInterval(Share? share) => share is null ? Nothing : Percent(share.Value) + Between(share.Interval);

    /// <summary>A small share with its interval.</summary>
    public static string FineWithInterval(Share? share) => share is null ? Nothing : FinePercent(share.Value)
        + (share.Interval is { } interval ? Format($" ({interval.Low * 100:0.00}–{interval.High * 100:0.00})") : "");

    /// <summary>An interval of shares, in brackets.</summary>
    public static string Between(Interval? interval) => interval is { } bounds ? Format($" ({bounds.Low * 100:0.0}–{bounds.High * 100:0.0})") : "";

    /// <summary>What a share was counted from.</summary>
    public static string Of(Share? share) => share is null ? Nothing : Format($"{share.Numerator} of {share.Denominator}");

    /// <summary>A number with a few digits.</summary>
    public static string Number(double? number) => number is { } value ? Format($"{value:0.###}") : Nothing;

    /// <summary>A whole number.</summary>
    public static string Whole(long number) => number.ToString(CultureInfo.InvariantCulture);

    /// <summary>Seconds, where a curve comes to them.</summary>
    public static string Seconds(double? seconds) => seconds is { } value ? Format($"{value:0.00} s") : NotReached;

    /// <summary>A chance.</summary>
    public static string Chance(double p) => p < 0.001 ? "< 0.001" : Format($"{p:0.000}");

    /// <summary>The heading of a kind of episodes.</summary>
    public static string KindTitle(string kind) => kind switch
    {
        "fault" => "Faults at known levels",
        "held_out" => "Faults at levels not seen before",
        "mix" => "Two faults at once",
        _ => kind,
    };

    private static string Format(FormattableString text) => FormattableString.Invariant(text);
}
