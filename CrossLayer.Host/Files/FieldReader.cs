using System.Buffers;
using System.Globalization;
using System.Numerics;
using System.Text.Json;
using CrossLayer.Probe;

namespace CrossLayer.Host.Files;

/// <summary>
/// Reads the fields of one record in the order they stand in. A field that is null counts as absent. Every read checks type
/// and range, and says in one line what was found and what was expected.
/// </summary>
internal ref struct FieldReader
{
    /// <summary>Room for a field's name and for an enum's name, in characters.</summary>
    public const int ScratchLength = 256;

    private const string UnreadableName = "(unreadable name)";

    private readonly UnknownFields _unknown;
    private readonly Span<char> _nameScratch;
    private readonly Span<char> _valueScratch;
    private Utf8JsonReader _reader;
    private ReadOnlySpan<byte> _rawName; // as it is written; empty where that is not the name itself
    private ReadOnlySpan<char> _name;

    /// <summary>Enters a record.</summary>
    /// <param name="record">One JSON object, already known to be well formed.</param>
    /// <param name="unknown">Takes the names of fields that are skipped as unknown.</param>
    /// <param name="scratch"><see cref="ScratchLength"/> characters that stay the reader's while it reads.</param>
    public FieldReader(ReadOnlySpan<byte> record, UnknownFields unknown, Span<char> scratch)
    {
        _unknown = unknown;
        _nameScratch = scratch[..(ScratchLength / 2)];
        _valueScratch = scratch[(ScratchLength / 2)..];
        _reader = new Utf8JsonReader(record);
        _reader.Read();
    }

    /// <summary>The name of the field at hand; valid until the next one.</summary>
    public ReadOnlySpan<char> Name
    {
        get
        {
            if (_name.IsEmpty && !_rawName.IsEmpty)
                _name = System.Text.Unicode.Utf8.ToUtf16(_rawName, _nameScratch, out _, out var length, replaceInvalidSequences: false) == OperationStatus.Done
                    ? _nameScratch[..length] : UnreadableName;
            return _name;
        }
    }

    /// <summary>True where the value at hand is a JSON number.</summary>
    public readonly bool IsNumber => _reader.TokenType == JsonTokenType.Number;

    /// <summary>Moves to the next field of the object at hand that has a value; false at the object's end.</summary>
    public bool Next()
    {
        while (_reader.Read() && _reader.TokenType == JsonTokenType.PropertyName)
        {
            _name = [];
            _rawName = [];
            if (!_reader.ValueIsEscaped && !_reader.ValueSpan.IsEmpty)
                _rawName = _reader.ValueSpan;
            else
                _name = Copy(_nameScratch, out var copied) ? _nameScratch[..copied] : UnreadableName;
            _reader.Read();
            if (_reader.TokenType != JsonTokenType.Null)
                return true;
        }

        return false;
    }

    /// <summary>
    /// The field at hand has this name, in UTF-8, for sure; false where it is not known to, since it is written with escapes. Cheaper than
    /// <see cref="Name"/>, where it can be guessed.
    /// </summary>
    public readonly bool IsPlainly(ReadOnlySpan<byte> name) => _rawName.SequenceEqual(name);

    /// <summary>Notes the field's name as unknown and skips its value.</summary>
    public void SkipUnknown()
    {
        _unknown.Add(Name);
        _reader.Skip();
    }

    /// <summary>Skips the value of a field that is known and not needed.</summary>
    public void Skip() => _reader.Skip();

    /// <summary>Enters the object at hand; <see cref="Next"/> then goes through its fields.</summary>
    public readonly void Enter()
    {
        if (_reader.TokenType != JsonTokenType.StartObject)
            throw Unexpected("an object");
    }

    /// <summary>A whole number of the type's range, written with or without a fraction of zero.</summary>
    /// <param name="least">The smallest value allowed; null for the type's own.</param>
    public readonly T Whole<T>(T? least = null)
        where T : struct, IBinaryInteger<T>, IMinMaxValue<T>
    {
        // As it mostly is: not negative, and without a fraction.
        if (IsNumber && _reader.TryGetUInt64(out var plain) && plain <= ulong.CreateChecked(T.MaxValue) && (least is null || T.CreateTruncating(plain) >= least))
            return T.CreateTruncating(plain);
        var low = least ?? T.MinValue;
        if (TryWhole(out var value) && value >= Int128.CreateChecked(low) && value <= Int128.CreateChecked(T.MaxValue))
            return T.CreateChecked(value);
        throw Unexpected(string.Create(CultureInfo.InvariantCulture, $"a whole number from {low} to {T.MaxValue}"));
    }

    /// <summary>A number from <paramref name="low"/> to <paramref name="high"/>.</summary>
    public readonly double Number(double low, double high)
    {
        if (IsNumber && _reader.TryGetDouble(out var value) && value >= low && value <= high)
            return value;
        throw Unexpected(string.Create(CultureInfo.InvariantCulture, $"a number from {low} to {high}"));
    }

    /// <summary>A finite number.</summary>
    public readonly double Number() => Number(double.MinValue, double.MaxValue);

    /// <summary>A number from <paramref name="low"/> to <paramref name="high"/> as it is written, bare or in quotes, without rounding.</summary>
    public readonly decimal Decimal(decimal low, decimal high) =>
        TryDecimal(out var value) && value >= low && value <= high
            ? value
            : throw Unexpected(string.Create(CultureInfo.InvariantCulture, $"a number from {low} to {high}"));

    /// <summary>The same for a whole number.</summary>
    public readonly decimal WholeDecimal(decimal low, decimal high) =>
        TryDecimal(out var value) && value >= low && value <= high && decimal.IsInteger(value)
            ? value
            : throw Unexpected(string.Create(CultureInfo.InvariantCulture, $"a whole number from {low} to {high}"));

    /// <summary>A whole number, bare or in quotes, that may be negative.</summary>
    public readonly long SignedWhole(long low, long high)
    {
        if (_reader.TokenType is JsonTokenType.Number or JsonTokenType.String && !_reader.ValueSpan.StartsWith("+"u8)
            && long.TryParse(_reader.ValueSpan, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) && value >= low && value <= high)
            return value;
        throw Unexpected(string.Create(CultureInfo.InvariantCulture, $"a whole number from {low} to {high}"));
    }

    /// <summary>True or false.</summary>
    public readonly bool Flag() => _reader.TokenType switch
    {
        JsonTokenType.True => true,
        JsonTokenType.False => false,
        _ => throw Unexpected("true or false"),
    };

    /// <summary>A string.</summary>
    public readonly string Text()
    {
        if (_reader.TokenType != JsonTokenType.String)
            throw Unexpected("a string");
        try
        {
            return _reader.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw Unexpected("a string in valid UTF-8");
        }
    }

    /// <summary>A short string that many records share.</summary>
    public readonly string Text(InternedText texts) =>
        _reader.TokenType == JsonTokenType.String && Copy(_valueScratch, out var length)
            ? texts.Of(_valueScratch[..length])
            : throw Unexpected($"a string of at most {_valueScratch.Length} characters");

    /// <summary>A string, or a number as it is written.</summary>
    public readonly string TextOrNumber() => IsNumber ? NumberText() : Text();

    /// <summary>A string; bytes that are not UTF-8 become U+FFFD. For what strangers may have written, such as a path.</summary>
    public readonly string LossyText()
    {
        if (_reader.TokenType != JsonTokenType.String)
            return Text();
        var mended = new Utf8JsonReader(System.Text.Encoding.UTF8.GetBytes($"\"{System.Text.Encoding.UTF8.GetString(_reader.ValueSpan)}\""));
        mended.Read();
        try
        {
            return mended.GetString()!;
        }
        catch (InvalidOperationException)
        {
            // An escape that stands for half a character.
            throw Unexpected("a string in valid UTF-8");
        }
    }

    /// <summary>A string's bytes in UTF-8, JSON's escapes undone.</summary>
    /// <returns>How many bytes were written to <paramref name="destination"/>.</returns>
    public readonly int Utf8(Span<byte> destination)
    {
        if (_reader.TokenType != JsonTokenType.String || _reader.ValueSpan.Length > destination.Length)
            throw Unexpected($"a string of at most {destination.Length} bytes");
        try
        {
            return _reader.CopyString(destination);
        }
        catch (InvalidOperationException)
        {
            throw Unexpected("a string in valid UTF-8");
        }
    }

    /// <summary>A number as it is written.</summary>
    public readonly string NumberText() =>
        IsNumber ? System.Text.Encoding.UTF8.GetString(_reader.ValueSpan) : throw Unexpected("a number");

    /// <summary>An endpoint.</summary>
    public readonly Endpoint Endpoint() =>
        _reader.TokenType == JsonTokenType.String && Copy(_valueScratch, out var length) && Probe.Endpoint.TryParse(_valueScratch[..length], out var endpoint)
            ? endpoint
            : throw Unexpected("an endpoint such as \"127.0.0.1:8080\" or \"[::1]:8080\"");

    /// <summary>One of an enum's names.</summary>
    public readonly T Enum<T>(EnumNames<T> names)
        where T : struct, Enum
    {
        if (_reader.TokenType == JsonTokenType.String && Copy(_valueScratch, out var length)
            && names.TryGetValue(_valueScratch[..length], out var value))
            return value;
        throw Unexpected($"one of {names.Legal}");
    }

    /// <summary>An object that the serializer reads whole.</summary>
    public T Object<T>(JsonSerializerOptions options)
        where T : class
    {
        Enter();
        var start = _reader.TokenStartIndex;
        try
        {
            return JsonSerializer.Deserialize<T>(ref _reader, options)!;
        }
        catch (JsonException exception)
        {
            var reason = exception.Message.Split(" | ", 2)[0].Split(". Path:", 2);
            var path = exception.Path is { Length: > 2 } inner ? inner[1..] : "";
            throw new FieldException($"{Name}{path}: {OneLine.Of(reason[0])}", start);
        }
    }

    /// <summary>Demands that a field was there.</summary>
    /// <exception cref="FieldException"><paramref name="present"/> is false.</exception>
    public static void Require(bool present, string name)
    {
        if (!present)
            throw new FieldException($"{name} is missing; every such record has one", 0);
    }

    /// <summary>The error that says what stands at hand instead of what was expected.</summary>
    public readonly FieldException Unexpected(string expected) =>
        new($"{OneLine.Of(_rawName.IsEmpty ? _name.ToString() : System.Text.Encoding.UTF8.GetString(_rawName))} is {Found()}; expected {expected}", _reader.TokenStartIndex);

    private readonly bool TryDecimal(out decimal value)
    {
        value = 0;
        return _reader.TokenType is JsonTokenType.Number or JsonTokenType.String
            && decimal.TryParse(_reader.ValueSpan, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out value);
    }

    private readonly bool TryWhole(out Int128 value)
    {
        value = 0;
        if (!IsNumber)
            return false;
        if (_reader.TryGetInt64(out var signed))
            value = signed;
        else if (_reader.TryGetUInt64(out var unsigned))
            value = unsigned;
        else if (_reader.TryGetDouble(out var real) && double.IsInteger(real) && Math.Abs(real) <= 1L << 53)
            value = (Int128)real;
        else
            return false;
        return true;
    }

    private readonly string Found() => _reader.TokenType switch
    {
        JsonTokenType.String => OneLine.Quoted(_reader.ValueSpan),
        JsonTokenType.Number => OneLine.Of(_reader.ValueSpan),
        JsonTokenType.True => "true",
        JsonTokenType.False => "false",
        JsonTokenType.StartArray => "an array",
        _ => "an object",
    };

    // The unescaped text at hand; false where it is longer than any text that this program knows, or not UTF-8.
    private readonly bool Copy(Span<char> destination, out int length)
    {
        length = 0;
        if (_reader.ValueSpan.Length > destination.Length)
            return false;
        try
        {
            length = _reader.CopyString(destination);
            return true;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }
}
