using CrossLayer.Actors.Hosts;

namespace CrossLayer.Actors.Tests.Hosts;

public sealed class PeerClockTests
{
    private const long Second = 1_000_000_000;
    private const long Us = 1_000;

    [Fact]
    public void It_lies_between_the_narrowest_bounds()
    {
        var clock = PeerClock.From([new(0, 100 * Us, 900 * Us), new(1, 300 * Us, null), new(2, null, 500 * Us)])!;

        Assert.Equal((400 * Us, 100 * Us), clock.At(0));
        Assert.Equal(-400 * Us, clock.ToOurs(0));
    }

    [Fact]
    public void Bounds_of_one_side_alone_make_no_clock()
    {
        Assert.Null(PeerClock.From([]));
        Assert.Null(PeerClock.From([new(0, null, 500 * Us)]));
        Assert.Null(PeerClock.From([new(0, 300 * Us, null)]));
    }

    [Fact]
    public void What_contradicts_most_others_is_left_out()
    {
        var clock = PeerClock.From([new(0, 100 * Us, 900 * Us), new(1, 2 * Second, 3 * Second), new(2, 300 * Us, 500 * Us)])!;

        Assert.Equal((400 * Us, 100 * Us), clock.At(0));
        Assert.Equal(2, clock.Agreeing);
    }

    [Fact]
    public void What_was_said_long_ago_says_less()
    {
        // 100 ppm: 100 µs a second.
        var clock = PeerClock.From([new(0, 0, 0), new(10 * Second, -5000 * Us, 5000 * Us)])!;

        Assert.Equal(0, clock.At(0).ErrorNs);
        Assert.InRange(clock.At(5 * Second).ErrorNs, 400 * Us, 500 * Us);
        Assert.InRange(clock.At(10 * Second).ErrorNs, 900 * Us, 1000 * Us);
        Assert.Equal(clock.At(11 * Second), clock.At(1000 * Second));
    }

    [Fact]
    public void A_clock_that_drifts_is_followed_and_time_never_goes_back()
    {
        // 50 ppm fast: a bound each second, ±20 µs.
        var bounds = Enumerable.Range(0, 100).Select(i => new ClockBound(i * Second, (50 * i * Us) - (20 * Us), (50 * i * Us) + (20 * Us))).ToList();

        var clock = PeerClock.From(bounds)!;

        Assert.All(Enumerable.Range(1, 98), i =>
        {
            var (ahead, error) = clock.At(i * Second);
            Assert.InRange(50 * i * Us, ahead - error - (30 * Us), ahead + error + (30 * Us));
        });
        var times = Enumerable.Range(0, 100_000).Select(i => clock.ToOurs(i * Second / 1000)).ToList();
        Assert.Equal(times.Order(), times);
    }
}
