using System.Globalization;
using CrossLayer.Host.Ingest.Otlp.Wire;
using CrossLayer.Probe;

namespace CrossLayer.Host.Ingest.Otlp;

/// <summary>The attributes of a span or a resource. Where an attribute had another name once, the first name that is there counts.</summary>
internal sealed class SpanAttributes
{
    private readonly Dictionary<string, AnyValue> _values = [];

    /// <summary>Of several with one name the last.</summary>
    public SpanAttributes(IEnumerable<KeyValue> attributes)
    {
        foreach (var attribute in attributes)
        {
            if (attribute.Value is { } value)
                _values[attribute.Key] = value;
        }
    }

    /// <summary>True if one of the attributes is there.</summary>
    public bool Has(params ReadOnlySpan<string> names) => Find(names) is not null;

    /// <summary>A text that is not empty; a number as it is written.</summary>
    public string? Text(params ReadOnlySpan<string> names) => Find(names) switch
    {
        { ValueCase: AnyValue.ValueOneofCase.StringValue, StringValue: { Length: > 0 } text } => text,
        { ValueCase: AnyValue.ValueOneofCase.IntValue } value => value.IntValue.ToString(CultureInfo.InvariantCulture),
        _ => null,
    };

    /// <summary>A whole number from <paramref name="low"/> to <paramref name="high"/>, bare or as text.</summary>
    public decimal? Whole(decimal low, decimal high, params ReadOnlySpan<string> names) =>
        Text(names) is { } text && decimal.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= low && number <= high
            ? number
            : null;

    /// <summary>An endpoint whose address is one, not a name.</summary>
    public static Endpoint? Endpoint(string? address, decimal? port)
    {
        if (address is null || port is null)
            return null;
        var text = address.Contains(':', StringComparison.Ordinal) ? $"[{address.Trim('[', ']')}]" : address;
        return Probe.Endpoint.TryParse($"{text}:{port}", out var endpoint) ? endpoint : null;
    }

    /// <summary>A port.</summary>
    public decimal? Port(params ReadOnlySpan<string> names) => Whole(1, ushort.MaxValue, names);

    private AnyValue? Find(ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (_values.TryGetValue(name, out var value))
                return value;
        }

        return null;
    }
}
