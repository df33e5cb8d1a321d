using System.Text.RegularExpressions;

namespace CrossLayer.Host.Tests.Deployment;

/// <summary>What the runtime has to be told before it starts is told alike wherever the program is started.</summary>
public sealed partial class EnvironmentTests
{
    [Theory]
    [InlineData("config/systemd/crosslayer.service", "DOTNET_GCgen0size", "MALLOC_ARENA_MAX")]
    [InlineData("docker/Dockerfile", "DOTNET_GCgen0size", "MALLOC_ARENA_MAX")]
    [InlineData("scripts/benchmark.sh", "DOTNET_GCgen0size")]
    public void What_the_launcher_sets_is_set(string file, params string[] names)
    {
        var launcher = SettingsOf("crosslayer");
        var other = SettingsOf(file);

        Assert.Equal(names.Select(name => (name, launcher[name])), names.Select(name => (name, other.GetValueOrDefault(name, "nothing"))));
    }

    private static Dictionary<string, string> SettingsOf(string file) =>
        Setting().Matches(File.ReadAllText(Path.Combine(Manifests.Repository, file))).ToDictionary(match => match.Groups[1].Value, match => match.Groups[2].Value);

    [GeneratedRegex(@"(?<=[ =])(DOTNET_GCgen0size|MALLOC_ARENA_MAX)=(?:\$\{\w+:-)?(\w+)\}?")]
    private static partial Regex Setting();
}
