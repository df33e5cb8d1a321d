using Akka.Configuration;

namespace CrossLayer.Actors.Configuration;

/// <summary>The configuration that the program carries: config/crosslayer.conf, whose comments explain each setting.</summary>
public static class DefaultConfiguration
{
    /// <summary>Parses it.</summary>
    public static Config Load()
    {
        using var resource = typeof(DefaultConfiguration).Assembly.GetManifestResourceStream("crosslayer.conf")
            ?? throw new InvalidOperationException("The program was built without crosslayer.conf.");
        using var reader = new StreamReader(resource);
        return ConfigurationFactory.ParseString(reader.ReadToEnd());
    }
}
