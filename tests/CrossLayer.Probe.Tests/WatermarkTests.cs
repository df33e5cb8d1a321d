using CrossLayer.Probe.Ring;

namespace CrossLayer.Probe.Tests;

public sealed class WatermarkTests
{
    private const long Ms = 1_000_000;
    private Watermark _watermark = new(20 * Ms);

    [Fact]
    public void It_follows_the_clock_while_everything_is_read()
    {
        Assert.Equal(80 * Ms, After(100, isRead: true, newestMs: null));
        Assert.Equal(90 * Ms, After(110, isRead: true, newestMs: 105));
    }

    [Fact]
    public void It_waits_for_a_record_that_has_its_place_and_is_not_written()
    {
        After(100, isRead: true, newestMs: null);
        // One was read, and behind it one is being written: since 105 at the earliest.
        Assert.Equal(85 * Ms, After(110, isRead: false, newestMs: 105));
        for (var ms = 120; ms < 1000; ms += 10)
            Assert.Equal(85 * Ms, After(ms, isRead: false, newestMs: null));
        Assert.Equal(980 * Ms, After(1000, isRead: true, newestMs: 990));
    }

    [Fact]
    public void It_goes_with_what_is_read_where_there_is_always_more()
    {
        Assert.Equal(80 * Ms, After(300, isRead: false, newestMs: 100));
        Assert.Equal(90 * Ms, After(310, isRead: false, newestMs: 110));
    }

    [Fact]
    public void It_never_goes_back()
    {
        After(300, isRead: true, newestMs: null);
        Assert.Equal(280 * Ms, After(310, isRead: false, newestMs: 250));
    }

    private long After(long checkedMs, bool isRead, long? newestMs)
    {
        _watermark.Advance(checkedMs * Ms, isRead, newestMs * Ms);
        return _watermark.Ns;
    }
}
