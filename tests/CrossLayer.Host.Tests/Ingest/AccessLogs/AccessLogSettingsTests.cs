using Akka.Configuration;
using CrossLayer.Actors.Configuration;
using CrossLayer.Host.Commands;
using CrossLayer.Host.Ingest.AccessLogs;

namespace CrossLayer.Host.Tests.Ingest.AccessLogs;

public class AccessLogSettingsTests
{
    [Fact]
    public void By_default_no_log_is_followed_and_positions_are_kept()
    {
        var settings = From("");

        Assert.Empty(settings.Logs);
        Assert.Equal(Path.GetFullPath("results/state"), settings.StateFolder);
        Assert.Equal((250, 30_000, 65_536), (settings.Poll.TotalMilliseconds, settings.Linger.TotalMilliseconds, settings.MaxLineBytes));
    }

    [Fact]
    public void Logs_are_read_in_their_order() => Assert.Equal(
        [new AccessLogSource("/var/log/a.log", RecordFormat.Nginx), new AccessLogSource("/var/log/b.log", RecordFormat.Haproxy, FromStart: true)],
        From("""
            crosslayer.ingest.access-logs = [
              { path = "/var/log/a.log", format = nginx, from = end }
              { path = "/var/log/b.log", format = haproxy, from = start }
            ]
            """).Logs);

    [Fact]
    public void An_empty_folder_keeps_no_positions() => Assert.Null(From("""crosslayer.ingest.state-folder = "" """).StateFolder);

    [Theory]
    [InlineData("access-logs = nginx", "crosslayer.ingest.access-logs is no list")]
    [InlineData("access-logs = [ \"/a\" ]", "crosslayer.ingest.access-logs, entry 1 is no object")]
    [InlineData("""access-logs = [ { path = "a.log", format = nginx } ]""", "crosslayer.ingest.access-logs, entry 1 has path = a.log: expected an absolute path")]
    [InlineData("access-logs = [ { format = nginx } ]", "crosslayer.ingest.access-logs, entry 1 has path = : expected an absolute path")]
    [InlineData("""access-logs = [ { path = "/a", format = iis } ]""", "crosslayer.ingest.access-logs, entry 1 (/a) has format = iis: expected one of json, nginx, haproxy, apache, envoy")]
    [InlineData("""access-logs = [ { path = "/a", format = nginx, from = middle } ]""", "crosslayer.ingest.access-logs, entry 1 (/a) has from = middle: expected start or end")]
    [InlineData("""access-logs = [ { path = "/a", format = nginx, form = start } ]""", "crosslayer.ingest.access-logs, entry 1 has form: expected path, format and from")]
    [InlineData("""access-logs = [ { path = "/a", format = nginx }, { path = "/x/../a", format = json } ]""", "crosslayer.ingest.access-logs, entry 2 (/a) is listed before")]
    [InlineData("access-log-poll = 0s", "crosslayer.ingest.access-log-poll = 00:00:00: expected a duration above 0")]
    [InlineData("access-log-max-line = 10", "crosslayer.ingest.access-log-max-line = 10: expected a number from 256 to 1048576")]
    public void What_cannot_be_meant_is_refused_in_one_line(string setting, string expected)
    {
        var exception = Assert.Throws<ConfigurationException>(() => From($"crosslayer.ingest.{setting}"));

        Assert.StartsWith(expected, exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', exception.Message);
    }

    private static AccessLogSettings From(string hocon) =>
        AccessLogSettings.From(ConfigurationFactory.ParseString(hocon).WithFallback(DefaultConfiguration.Load()));
}
