using Akka.Configuration;
using CrossLayer.Actors.Configuration;
using CrossLayer.Host.Ingest;

namespace CrossLayer.Host.Tests.Ingest;

public class IngestLimitsTests
{
    [Fact]
    public void The_configuration_and_the_program_have_the_same_defaults() =>
        Assert.Equal(new IngestLimits(), IngestLimits.From(DefaultConfiguration.Load()));

    [Theory]
    [InlineData("max-body-bytes = 0", "crosslayer.ingest.limits.max-body-bytes = 0: expected a number from 1 to")]
    [InlineData("requests-per-second = -1", "crosslayer.ingest.limits.requests-per-second = -1: expected")]
    [InlineData("body-timeout = 1ms", "crosslayer.ingest.limits.body-timeout = 1ms: expected a duration of a second or more")]
    public void A_value_out_of_range_is_named(string setting, string message)
    {
        var config = ConfigurationFactory.ParseString($"crosslayer.ingest.limits {{ {setting} }}").WithFallback(DefaultConfiguration.Load());

        var exception = Assert.Throws<ConfigurationException>(() => IngestLimits.From(config));

        Assert.StartsWith(message, exception.Message, StringComparison.Ordinal);
    }
}
