using System.Globalization;
using CrossLayer.Actors.Correlations;
using CrossLayer.Evaluation.Records;

namespace CrossLayer.Evaluation;

/// <summary>What things are called in reports.</summary>
internal static class Names
{
    internal static string Of(Variant variant) => $"{Of(variant.Content)}, {Of(variant.Reporters)}, {Of(variant.Quality)}";

    internal static string Of(RecordContent content) => content switch
    {
        RecordContent.Cookie => "cookie",
        RecordContent.CookieWithoutOrdinal => "cookie without ordinal",
        RecordContent.TupleBytes => "tuple+bytes",
        RecordContent.TupleOrder => "tuple+order",
        _ => "tuple+time",
    };

    internal static string Of(Reporters reporters) => reporters switch
    {
        Reporters.Client => "client",
        Reporters.Server => "server",
        _ => "both",
    };

    internal static string Of(RecordQuality quality) => quality switch
    {
        RecordQuality.Milliseconds => "1 ms clock",
        RecordQuality.Incomplete => "1 % missing",
        _ => "measured",
    };

    internal static string Of(MatchMethod method) => method switch
    {
        MatchMethod.Cookie => "cookie",
        MatchMethod.TupleBytes => "tuple+bytes",
        MatchMethod.TupleOrder => "tuple+order",
        MatchMethod.TupleTime => "tuple+time",
        _ => "none",
    };

    /// <summary>A share in per cent. Never rounded to all or nothing.</summary>
    internal static string Share(long part, long whole)
    {
        var share = whole == 0 ? 0 : 100.0 * part / whole;
        var text = share.ToString("0.00", CultureInfo.InvariantCulture);
        return text switch
        {
            "100.00" when part < whole => "99.99+%",
            "0.00" when part > 0 => "0.01-%",
            _ => $"{text}%",
        };
    }
}
