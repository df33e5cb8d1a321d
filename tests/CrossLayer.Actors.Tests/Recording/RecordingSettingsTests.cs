using Akka.Configuration;
using CrossLayer.Actors.Correlations;
using CrossLayer.Actors.Recording;
using CrossLayer.Actors.Requests;

namespace CrossLayer.Actors.Tests.Recording;

public class RecordingSettingsTests
{
    [Fact]
    public void Nothing_is_recorded_unless_it_is_asked_for() => Assert.False(RecordingSettings.From(Config.Empty).Enabled);

    [Fact]
    public void The_defaults_are_those_of_the_file()
    {
        var settings = RecordingSettings.From(Config.Empty);

        Assert.Equal((TimeSpan.FromDays(3), 1_000_000_000, 16_000_000), (settings.KeepFor, settings.KeepAtMost, settings.PartSize));
    }

    [Theory]
    [InlineData("keep-for = 1s", "keep-for is")]
    [InlineData("keep-at-most = 1000", "keep-at-most is 1000")]
    [InlineData("part-size = 600MB", "part-size is 600000000")]
    [InlineData("max-pending-batches = 0", "max-pending-batches is 0")]
    public void A_value_out_of_range_is_named(string setting, string expected)
    {
        var refusal = Assert.ThrowsAny<Exception>(() => RecordingSettings.From(ConfigurationFactory.ParseString($"crosslayer.recording {{ {setting} }}")));
        Assert.Contains(expected, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Correlation_settings_come_back_as_they_were()
    {
        var settings = new CorrelationSettings
        {
            Settle = TimeSpan.FromTicks(1_234_567),
            Lateness = TimeSpan.FromMilliseconds(1.5),
            Unacked = TimeSpan.FromMinutes(3),
            Patience = TimeSpan.FromHours(2),
            ClockTolerance = TimeSpan.FromMicroseconds(7),
            Slow = TimeSpan.FromSeconds(0.25),
            SlowRoutes = [new SlowRoute(RequestRole.Client, "/a \"b\"/*", TimeSpan.FromMilliseconds(40)), new SlowRoute(null, "/ü", TimeSpan.FromSeconds(2))],
            ExpectedSlowRoutes = ["/poll", "/events/*"],
            Disorder = TimeSpan.FromMilliseconds(21),
            Shards = 3,
            MaxSockets = 5,
            MaxWaitingRecords = 6,
            MaxWindowsPerConnection = 7,
        };
        foreach (var property in typeof(CorrelationSettings).GetProperties().Where(property => property.CanWrite))
            Assert.NotEqual(property.GetValue(new CorrelationSettings()), property.GetValue(settings));

        var read = SettingsText.Read(SettingsText.Of(settings), Config.Empty);

        Assert.Equal(settings.SlowRoutes, read.SlowRoutes);
        Assert.Equal(settings.ExpectedSlowRoutes, read.ExpectedSlowRoutes);
        Assert.Equal(settings, read with { SlowRoutes = settings.SlowRoutes, ExpectedSlowRoutes = settings.ExpectedSlowRoutes });
    }

    [Fact]
    public void What_is_changed_goes_before_what_was_in_force()
    {
        var text = SettingsText.Of(new CorrelationSettings { Slow = TimeSpan.FromSeconds(9), Shards = 2 });

        var read = SettingsText.Read(text, ConfigurationFactory.ParseString("crosslayer.correlation.slow = 1s"));

        Assert.Equal((TimeSpan.FromSeconds(1), 2), (read.Slow, read.Shards));
    }
}
