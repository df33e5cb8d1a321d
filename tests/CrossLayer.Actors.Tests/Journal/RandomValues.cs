using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;
using CrossLayer.Actors.Connections;
using CrossLayer.Actors.Correlations;
using CrossLayer.Actors.Requests;
using CrossLayer.Probe;

namespace CrossLayer.Actors.Tests.Journal;

/// <summary>
/// Fills every settable property of a record, by reflection: a property that is added later and forgotten in the stored
/// form fails the round trip.
/// </summary>
internal sealed class RandomValues(int seed)
{
    private static readonly string[] Texts = ["", " ", "GET", "/a/ü/路径/🙂", "line\nbreak\0end", new('x', 300)];
    private static readonly double[] Doubles = [0, -0.0, 1.5, double.MaxValue, double.Epsilon, double.NaN, double.NegativeInfinity];
    private readonly Random _random = new(seed);
    private readonly NullabilityInfoContext _nullability = new();

    public T Record<T>() => (T)Fill(typeof(T));

    private object Fill(Type type)
    {
        var record = RuntimeHelpers.GetUninitializedObject(type);
        foreach (var property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(one => one.CanWrite))
        {
            var optional = _nullability.Create(property).WriteState == NullabilityState.Nullable;
            if (optional && _random.Next(3) == 0)
                continue;
            property.SetValue(record, Value(Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType));
        }

        return record;
    }

    private object Value(Type type)
    {
        if (type.IsEnum)
            return Enum.GetValues(type).GetValue(_random.Next(Enum.GetValues(type).Length))!;
        if (type == typeof(bool))
            return _random.Next(2) == 0;
        if (type == typeof(int))
            return (int)Number();
        if (type == typeof(uint))
            return (uint)Number();
        if (type == typeof(long))
            return Number();
        if (type == typeof(ulong))
            return (ulong)Number();
        if (type == typeof(double))
            return _random.Next(2) == 0 ? Doubles[_random.Next(Doubles.Length)] : _random.NextDouble();
        if (type == typeof(string))
            return Text();
        if (type == typeof(RequestId))
            return new RequestId(Text(), _random.Next(2) == 0);
        if (type == typeof(ByteRange))
            return new ByteRange(Number(), Number());
        if (type == typeof(Match))
            return new Match((MatchMethod)Value(typeof(MatchMethod)), (int)Number(), _random.NextDouble());
        if (type == typeof(Endpoint))
            return Endpoint();
        if (type.Namespace is { } space && space.StartsWith("CrossLayer", StringComparison.Ordinal) && type.IsClass)
            return Fill(type);
        throw new NotSupportedException($"No random values for {type}: add them here.");
    }

    private Endpoint Endpoint()
    {
        var address = new byte[16];
        if (_random.Next(4) > 0)
            _random.NextBytes(address);
        return new Endpoint(new NetworkAddress(address), (ushort)_random.Next(ushort.MaxValue + 1));
    }

    private long Number() => _random.Next(6) switch
    {
        0 => 0,
        1 => long.MinValue,
        2 => long.MaxValue,
        3 => -1,
        _ => _random.NextInt64(),
    };

    private string Text() => _random.Next(2) == 0 ? Texts[_random.Next(Texts.Length)] : _random.NextInt64().ToString(CultureInfo.InvariantCulture);
}
