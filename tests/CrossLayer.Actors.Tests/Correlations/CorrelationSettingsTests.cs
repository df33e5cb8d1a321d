using Akka.Configuration;
using CrossLayer.Actors.Configuration;
using CrossLayer.Actors.Correlations;

namespace CrossLayer.Actors.Tests.Correlations;

public class CorrelationSettingsTests
{
    [Fact]
    public void What_the_configuration_leaves_out_is_as_in_the_file_of_defaults()
    {
        var settings = From("");

        Assert.Equal(new CorrelationSettings() with { ExpectedSlowRoutes = settings.ExpectedSlowRoutes, SlowRoutes = settings.SlowRoutes }, settings);
        Assert.Empty(settings.ExpectedSlowRoutes);
        Assert.Empty(settings.SlowRoutes);
    }

    [Fact]
    public void Lateness_and_routes_that_are_expected_to_be_slow_are_read()
    {
        var settings = From("lateness = 3s, expected-slow-routes = [\"/poll\", \"/events/*\"]");

        Assert.Equal(TimeSpan.FromSeconds(3), settings.Lateness);
        Assert.True(settings.IsExpectedSlow("/poll") && settings.IsExpectedSlow("/events/7"));
        Assert.False(settings.IsExpectedSlow("/polls") || settings.IsExpectedSlow("/event") || settings.IsExpectedSlow(null));
    }

    [Theory]
    [InlineData("lateness = 0s", "crosslayer.correlation.lateness")]
    [InlineData("shards = 65", "crosslayer.correlation.shards = 65")]
    public void A_value_out_of_its_range_is_named(string text, string named)
    {
        Assert.Contains(named, Assert.Throws<ConfigurationException>(() => From(text)).Message, StringComparison.Ordinal);
    }

    private static CorrelationSettings From(string text) =>
        CorrelationSettings.From(ConfigurationFactory.ParseString($"crosslayer.correlation {{ {text} }}").WithFallback(DefaultConfiguration.Load()));
}
