using Akka.Configuration;
using CrossLayer.Actors.Configuration;
using CrossLayer.Actors.Kernel;

namespace CrossLayer.Actors.Tests.Kernel;

public class ProbeSettingsTests
{
    [Fact]
    public void What_the_configuration_leaves_out_is_as_in_the_file_of_defaults() => Assert.Equal(new ProbeSettings(), From(""));

    [Fact]
    public void Waits_are_read() => Assert.Equal(
        new ProbeSettings { RetryAfter = TimeSpan.FromMilliseconds(100), RetryAfterAtMost = TimeSpan.FromSeconds(5) },
        From("retry-after = 100ms, retry-after-at-most = 5s"));

    [Theory]
    [InlineData("retry-after = 0s", "crosslayer.probe.retry-after = ")]
    [InlineData("retry-after = 2m", "crosslayer.probe.retry-after-at-most = 00:01:00: expected at least 00:02:00")]
    public void A_value_out_of_its_range_is_named(string text, string named) =>
        Assert.Contains(named, Assert.Throws<ConfigurationException>(() => From(text)).Message, StringComparison.Ordinal);

    private static ProbeSettings From(string text) =>
        ProbeSettings.From(ConfigurationFactory.ParseString($"crosslayer.probe {{ {text} }}").WithFallback(DefaultConfiguration.Load()));
}
