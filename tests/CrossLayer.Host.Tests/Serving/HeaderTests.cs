using CrossLayer.Host.Serving;

namespace CrossLayer.Host.Tests.Serving;

/// <summary>Headers by which clients say how long they wait, and how long they keep a connection.</summary>
public class HeaderTests
{
    // The first two are the examples of RFC 7240, 4.3 and 2.
    [Theory]
    [InlineData("respond-async, wait=10", true)]
    [InlineData("Lenient", false)]
    [InlineData("WAIT = \"3\"; foo=1", true)]
    [InlineData("wait=0", false)]
    [InlineData("wait", false)]
    [InlineData("wait=soon", false)]
    [InlineData("", false)]
    public void A_client_that_is_ready_to_wait_says_so(string header, bool waits) => Assert.Equal(waits, WaitPreference.IsIn([header]));

    [Theory]
    [InlineData(1200, "wait=2")]
    [InlineData(30_000, "wait=30")]
    public void The_time_to_wait_is_in_whole_seconds(int ms, string header) => Assert.Equal(header, WaitPreference.Of(TimeSpan.FromMilliseconds(ms)));

    [Theory]
    [InlineData("timeout=5, max=100", 5)]
    [InlineData("max=100, Timeout = 7", 7)]
    [InlineData("timeout=0", null)]
    [InlineData("timeout=99999", null)]
    [InlineData("300", null)]
    public void An_idle_time_is_read(string header, int? seconds) =>
        Assert.Equal(seconds is { } count ? TimeSpan.FromSeconds(count) : null, IdleTimeout.Of((string[])[header]));
}
