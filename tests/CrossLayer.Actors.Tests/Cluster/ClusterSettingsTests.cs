using Akka.Configuration;
using CrossLayer.Actors.Cluster;
using CrossLayer.Actors.Configuration;

namespace CrossLayer.Actors.Tests.Cluster;

public sealed class ClusterSettingsTests
{
    [Theory]
    [InlineData("seeds = []", "neither crosslayer.cluster.seeds nor crosslayer.cluster.service")]
    [InlineData("seeds = [\"x\"]", "'x'; expected host:port")]
    [InlineData("seeds = [\"a:1\"], tls.key = \"/k\"", "certificate and crosslayer.cluster.tls.authority missing")]
    [InlineData("seeds = [\"a:1\"], host = \"0.0.0.0\"", "others cannot reach this host by it")]
    public void What_cannot_be_used_is_refused_by_name_before_anything_starts(string settings, string why)
    {
        var config = ConfigurationFactory.ParseString($"crosslayer.cluster {{ enabled = true, {settings} }}").WithFallback(DefaultConfiguration.Load());
        Assert.Contains(why, Assert.Throws<ConfigurationException>(() => ClusterSettings.From(config)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Certificates_that_are_not_there_are_missed_when_they_are_asked_for()
    {
        var config = ConfigurationFactory
            .ParseString("crosslayer.cluster { enabled = true, seeds = [\"a:1\"], tls { key = /none/k, certificate = /none/c, authority = /none/a } }")
            .WithFallback(DefaultConfiguration.Load());
        var settings = ClusterSettings.From(config);
        Assert.Contains("/none/c", Assert.Throws<ConfigurationException>(settings.CheckCertificates).Message, StringComparison.Ordinal);
    }
}
