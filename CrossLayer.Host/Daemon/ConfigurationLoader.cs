using System.Collections;
using Akka.Configuration;
using CrossLayer.Actors.Configuration;

namespace CrossLayer.Host.Daemon;

/// <summary>
/// The configuration that a command runs with: config/crosslayer.conf, over it a file, over that the environment, and over all the command
/// line. Each setting of ours must be one that crosslayer.conf knows.
/// </summary>
internal static class ConfigurationLoader
{
    /// <summary>What the names of environment variables that are settings begin with.</summary>
    public const string Prefix = "CROSSLAYER_";

    private const string Dot = "__";

    /// <summary>Loads it.</summary>
    /// <param name="path">A HOCON file; null: none.</param>
    /// <param name="overrides">Settings from the command line, each <c>key=value</c>; <c>crosslayer.</c> may be left out.</param>
    /// <param name="environment">The variables of the environment.</param>
    /// <exception cref="InputException">The file cannot be read, or a setting is not one of ours; the message names it.</exception>
    public static Config Load(string? path, IReadOnlyList<string> overrides, IDictionary environment) =>
        Load(path is null ? Config.Empty : HoconFile.Read(path), path, overrides, environment);

    /// <inheritdoc cref="Load(string?, IReadOnlyList{string}, IDictionary)"/>
    /// <param name="file">What the file holds.</param>
    /// <param name="path">What messages call it.</param>
    internal static Config Load(Config file, string? path, IReadOnlyList<string> overrides, IDictionary environment)
    {
        var defaults = DefaultConfiguration.Load();
        var known = ConfigurationKeys.Of(defaults);
        foreach (var key in ConfigurationKeys.Of(file).Where(key => !known.Allows(key)))
            throw new InputException($"{path}: there is no setting {key}{known.Suggest(key)}");
        return Over(FromCommandLine(overrides, known), Over(FromEnvironment(environment, known), Over(file, defaults)));
    }

    /// <summary>The variable by which the environment sets a key: <c>crosslayer.journal.busy-timeout</c> is CROSSLAYER_JOURNAL__BUSY_TIMEOUT.</summary>
    public static string VariableOf(string key) =>
        Prefix + key[(ConfigurationKeys.Root.Length + 1)..].Replace(".", Dot, StringComparison.Ordinal).Replace('-', '_').ToUpperInvariant();

    private static Config FromCommandLine(IReadOnlyList<string> overrides, ConfigurationKeys known)
    {
        var config = Config.Empty;
        foreach (var text in overrides)
        {
            var split = text.IndexOf('=', StringComparison.Ordinal);
            if (split <= 0)
                throw new InputException($"--set is '{text}'; expected key=value, such as crosslayer.journal.path=results/journal.db");
            var key = text[..split].Trim();
            if (!known.Allows(key) && known.Allows($"{ConfigurationKeys.Root}.{key}"))
                key = $"{ConfigurationKeys.Root}.{key}";
            if (!known.Allows(key))
                throw new InputException($"--set: there is no setting {key}{known.Suggest(key)}");
            config = Over(One(key, text[(split + 1)..].Trim(), "--set", known), config);
        }

        return config;
    }

    // A variable with two underscores in its name is meant as a setting; others of the prefix, such as CROSSLAYER_HOOKS, are not ours to judge.
    private static Config FromEnvironment(IDictionary environment, ConfigurationKeys known)
    {
        var variables = known.Leaves.ToDictionary(VariableOf);
        var config = Config.Empty;
        foreach (DictionaryEntry entry in environment)
        {
            var name = (string)entry.Key;
            if (!name.StartsWith(Prefix, StringComparison.Ordinal) || !name.Contains(Dot, StringComparison.Ordinal))
                continue;
            if (!variables.TryGetValue(name, out var key))
                throw new InputException($"the environment sets {name}, and no setting is called so (CROSSLAYER_JOURNAL__PATH is crosslayer.journal.path)");
            config = Over(One(key, (string?)entry.Value ?? "", name, known), config);
        }

        return config;
    }

    // Akka's parser has one empty configuration, which cannot stand below itself.
    private static Config Over(Config upper, Config lower) => upper.IsEmpty ? lower : lower.IsEmpty ? upper : upper.WithFallback(lower);

    private static Config One(string key, string value, string where, ConfigurationKeys known)
    {
        var text = known.IsList(key) || value.Length == 0 || value[0] is '[' or '{' or '"'
            ? value
            : $"\"{value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";
        return HoconFile.Parse($"{key} = {(text.Length == 0 ? "\"\"" : text)}", where);
    }
}
