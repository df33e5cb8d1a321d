using Akka.Configuration;
using Akka.Configuration.Hocon;

namespace CrossLayer.Host.Daemon;

/// <summary>The settings that a configuration holds under <c>crosslayer</c>, by their full names.</summary>
internal sealed class ConfigurationKeys
{
    /// <summary>Where our settings are; what is elsewhere, as under <c>akka</c>, is not ours to check.</summary>
    public const string Root = "crosslayer";

    private const int FarthestTypo = 3;

    private readonly Dictionary<string, bool> _leaves = []; // true: a list

    /// <summary>Names of all settings that are no sections.</summary>
    public IReadOnlyCollection<string> Leaves => _leaves.Keys;

    /// <summary>The keys of a configuration.</summary>
    public static ConfigurationKeys Of(Config config)
    {
        ArgumentNullException.ThrowIfNull(config);
        var keys = new ConfigurationKeys();
        if (!config.IsEmpty && config.Root.GetObject() is { } root && root.Items.TryGetValue(Root, out var ours))
            keys.Add(Root, ours);
        return keys;
    }

    /// <summary>Names of ours whose values differ between two configurations.</summary>
    public static IEnumerable<string> Changed(Config before, Config after) =>
        Of(after)._leaves.Keys.Where(key => before.GetValue(key)?.ToString() != after.GetValue(key)?.ToString()).Order(StringComparer.Ordinal);

    /// <summary>Enumerates the names.</summary>
    public IEnumerable<string> Where(Func<string, bool> condition) => _leaves.Keys.Where(condition);

    /// <summary>True if a setting of that name is known, or it is none of ours.</summary>
    public bool Allows(string key) => _leaves.ContainsKey(key)
        || !(key == Root || key.StartsWith(Root + ".", StringComparison.Ordinal)) && key.Contains('.', StringComparison.Ordinal)
        && key.StartsWith("akka.", StringComparison.Ordinal);

    /// <summary>True if the setting's value is a list.</summary>
    public bool IsList(string key) => _leaves.GetValueOrDefault(key);

    /// <summary>The known name that is most like one that is not, in words; empty where none is like it.</summary>
    public string Suggest(string key)
    {
        var best = _leaves.Keys.Select(known => (Known: known, Distance: Distance(known, key))).OrderBy(pair => pair.Distance)
            .ThenBy(pair => pair.Known, StringComparer.Ordinal).FirstOrDefault();
        if (best.Known is not null && best.Distance <= FarthestTypo)
            return $"; did you mean {best.Known}?";
        var last = key[(key.LastIndexOf('.') + 1)..];
        return _leaves.Keys.FirstOrDefault(known => known.EndsWith("." + last, StringComparison.Ordinal)) is { } elsewhere
            ? $"; did you mean {elsewhere}?"
            : "; config/crosslayer.conf has them all";
    }

    private void Add(string path, HoconValue value)
    {
        if (!value.IsObject())
        {
            _leaves[path] = value.IsArray();
            return;
        }

        foreach (var (name, item) in value.GetObject().Items)
            Add($"{path}.{name}", item);
    }

    /// <summary>Letters to change, add or take away (Levenshtein, 1965).</summary>
    private static int Distance(string one, string other)
    {
        var row = Enumerable.Range(0, other.Length + 1).ToArray();
        for (var i = 1; i <= one.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= other.Length; j++)
            {
                var above = row[j];
                row[j] = Math.Min(Math.Min(above, row[j - 1]) + 1, diagonal + (one[i - 1] == other[j - 1] ? 0 : 1));
                diagonal = above;
            }
        }

        return row[other.Length];
    }
}
