using System.Collections.Frozen;
using System.Text.Json;

namespace CrossLayer.Host.Files;

/// <summary>The names of an enum's values in files: snake case, unless the file format has its own.</summary>
internal sealed class EnumNames<T>
    where T : struct, Enum
{
    private readonly (T Value, JsonEncodedText Name)[] _names;
    private readonly FrozenDictionary<string, T>.AlternateLookup<ReadOnlySpan<char>> _values;

    /// <summary>Names of all values but <paramref name="except"/>.</summary>
    /// <param name="except">Values that files never hold.</param>
    /// <param name="nameOf">A value's own name; null for snake case.</param>
    public EnumNames(IReadOnlyCollection<T>? except = null, Func<T, string?>? nameOf = null)
    {
        var names = Enum.GetValues<T>()
            .Where(value => except?.Contains(value) != true)
            .Select(value => (Value: value, Name: nameOf?.Invoke(value) ?? SnakeCase(value)))
            .ToArray();
        _names = [.. names.Select(pair => (pair.Value, JsonEncodedText.Encode(pair.Name, JsonBytes.Encoder)))];
        _values = names.ToFrozenDictionary(pair => pair.Name, pair => pair.Value)
            .GetAlternateLookup<ReadOnlySpan<char>>();
        Legal = string.Join(", ", names.Select(pair => pair.Name));
    }

    /// <summary>The legal names, for messages.</summary>
    public string Legal { get; }

    /// <summary>The value's name in files; does not allocate.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value has no name.</exception>
    public JsonEncodedText this[T value] => TryGetName(value, out var name)
        ? name
        : throw new ArgumentOutOfRangeException(nameof(value), value, $"{typeof(T).Name} has no such value.");

    /// <summary>The value's name in files, if it has one.</summary>
    public bool TryGetName(T value, out JsonEncodedText name)
    {
        foreach (var pair in _names)
        {
            if (EqualityComparer<T>.Default.Equals(pair.Value, value))
            {
                name = pair.Name;
                return true;
            }
        }

        name = default;
        return false;
    }

    /// <summary>The value of a name.</summary>
    public bool TryGetValue(ReadOnlySpan<char> name, out T value) => _values.TryGetValue(name, out value);

    private static string SnakeCase(T value) => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString());
}
