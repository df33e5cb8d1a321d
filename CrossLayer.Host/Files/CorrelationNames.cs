using CrossLayer.Actors.Correlations;

namespace CrossLayer.Host.Files;

/// <summary>The names that correlations use in files for causes, match methods, verdicts and layers.</summary>
internal static class CorrelationNames
{
    /// <summary>Snake case.</summary>
    public static EnumNames<Cause> Causes { get; } = new();

    /// <summary>Snake case.</summary>
    public static EnumNames<Verdict> Verdicts { get; } = new();

    /// <summary>Snake case.</summary>
    public static EnumNames<BlindLayer> BlindLayers { get; } = new();

    /// <summary>Snake case.</summary>
    public static EnumNames<TroublePlace> Places { get; } = new();

    /// <summary><c>cookie</c>, <c>tuple+bytes</c>, <c>tuple+order</c>, <c>tuple+time</c>, <c>none</c>.</summary>
    public static EnumNames<MatchMethod> MatchMethods { get; } = new(nameOf: method => method switch
    {
        MatchMethod.TupleBytes => "tuple+bytes",
        MatchMethod.TupleOrder => "tuple+order",
        MatchMethod.TupleTime => "tuple+time",
        _ => null,
    });
}
