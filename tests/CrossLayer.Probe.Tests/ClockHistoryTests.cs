using CrossLayer.Probe.Clock;

namespace CrossLayer.Probe.Tests;

public sealed class ClockHistoryTests
{
    private const long Second = 1_000_000_000;

    [Fact]
    public void One_sample_stands_for_all_time()
    {
        var clock = new ClockHistory(new ClockOffset(10 * Second, 110 * Second, 0));

        Assert.Equal(101 * Second, clock.ToUnixNs(1 * Second));
        Assert.Equal(120 * Second, clock.ToUnixNs(20 * Second));
        Assert.Equal(1 * Second, clock.ToMonotonicNs(101 * Second));
        Assert.Equal(20 * Second, clock.ToMonotonicNs(120 * Second));
    }

    [Theory]
    [InlineData(ClockHistory.ToleranceNs, 1)]
    [InlineData(-ClockHistory.ToleranceNs, 1)]
    [InlineData(ClockHistory.ToleranceNs + 1, 2)]
    [InlineData(-ClockHistory.ToleranceNs - 1, 2)]
    public void Only_a_change_beyond_the_tolerance_is_a_step(long changeNs, int entries)
    {
        var clock = new ClockHistory(new ClockOffset(0, 100 * Second, 0));

        clock.Add(new ClockOffset(1 * Second, 101 * Second + changeNs, 0));

        Assert.Equal(entries, clock.Entries.Count);
    }

    [Fact]
    public void Slewing_adds_up_to_a_step()
    {
        var clock = new ClockHistory(new ClockOffset(0, 100 * Second, 0));

        for (var i = 1; i <= 5; i++)
            clock.Add(new ClockOffset(i * Second, (100 + i) * Second + i * 30_000, 0));

        Assert.Equal([0, 4 * Second], clock.Entries.Select(entry => entry.MonotonicNs));
    }

    [Fact]
    public void A_forward_step_moves_nothing_before_it_and_places_skipped_time_at_the_step()
    {
        var clock = new ClockHistory(new ClockOffset(0, 100 * Second, 0));

        clock.Add(new ClockOffset(10 * Second, 170 * Second, 0)); // 110 jumps to 170

        Assert.Equal(109 * Second, clock.ToUnixNs(9 * Second));
        Assert.Equal(170 * Second, clock.ToUnixNs(10 * Second));
        Assert.Equal(9 * Second, clock.ToMonotonicNs(109 * Second));
        Assert.Equal(10 * Second, clock.ToMonotonicNs(110 * Second));
        Assert.Equal(10 * Second, clock.ToMonotonicNs(140 * Second));
        Assert.Equal(11 * Second, clock.ToMonotonicNs(171 * Second));
    }

    [Fact]
    public void A_backward_step_moves_nothing_before_it_and_repeated_time_is_taken_the_second_time()
    {
        var clock = new ClockHistory(new ClockOffset(0, 100 * Second, 0));

        clock.Add(new ClockOffset(10 * Second, 105 * Second, 0)); // 110 falls back to 105

        Assert.Equal(109 * Second, clock.ToUnixNs(9 * Second));
        Assert.Equal(105 * Second, clock.ToUnixNs(10 * Second));
        Assert.Equal(4 * Second, clock.ToMonotonicNs(104 * Second));
        Assert.Equal(10 * Second, clock.ToMonotonicNs(105 * Second));
        Assert.Equal(13 * Second, clock.ToMonotonicNs(108 * Second));
        Assert.Equal(20 * Second, clock.ToMonotonicNs(115 * Second));
    }

    [Theory]
    [InlineData(170_000)] // ahead by 60 s
    [InlineData(103_400)] // back by 6.6 s
    public void What_was_between_a_step_and_the_sample_that_shows_it_is_placed_by_the_new_offset(long shownMs)
    {
        const long ms = 1_000_000;
        var clock = new ClockHistory(new ClockOffset(0, 100 * Second, 0));
        clock.Add(new ClockOffset((10 * Second) - (90 * ms), (110 * Second) - (90 * ms), 0));
        clock.Add(new ClockOffset(10 * Second, shownMs * ms, 0));

        Assert.Equal((10 * Second) - (50 * ms), clock.ToMonotonicNs((shownMs * ms) - (50 * ms), notAfterNs: 10 * Second));
        Assert.Equal((10 * Second) - (70 * ms), clock.ToMonotonicNs((110 * Second) - (70 * ms), notAfterNs: 10 * Second));
        Assert.Equal((10 * Second) - (200 * ms), clock.ToMonotonicNs((110 * Second) - (200 * ms), notAfterNs: 10 * Second));
    }

    [Fact]
    public void A_sample_that_another_thread_has_overtaken_changes_nothing()
    {
        var clock = new ClockHistory(new ClockOffset(0, 100 * Second, 0));
        clock.Add(new ClockOffset(10 * Second, 170 * Second, 0));

        clock.Add(new ClockOffset(9 * Second, 109 * Second, 0));

        Assert.Equal(2, clock.Entries.Count);
    }

    [Fact]
    public void Both_directions_agree_over_many_steps_forward()
    {
        var clock = new ClockHistory(new ClockOffset(0, 100 * Second, 0));
        for (var i = 1; i <= 2000; i++)
            clock.Add(new ClockOffset(i * Second, (100 + 2 * i) * Second, 0));

        for (var i = 1000; i <= 2100; i++)
            Assert.Equal(i * Second + 7, clock.ToMonotonicNs(clock.ToUnixNs(i * Second + 7)));
        Assert.InRange(clock.Entries.Count, 1, 1024);
    }

    [Fact]
    public void A_sample_of_the_real_clocks_lies_between_two_readings()
    {
        var before = KernelClock.MonotonicNs();
        var sample = KernelClock.SampleOffset();
        var after = KernelClock.MonotonicNs();

        Assert.InRange(sample.MonotonicNs, before, after);
        Assert.InRange(sample.ErrorNs, 0, after - before);
        Assert.InRange(KernelClock.JiffyNs(), 500_000, 20_000_000);
    }

    [Fact]
    public void A_wall_time_that_happened_twice_is_the_one_that_can_have_been()
    {
        // Set back by an hour at 4,000 s.
        var clock = new ClockHistory(new ClockOffset(0, 10_000 * Second, 0));
        clock.Add(new ClockOffset(4_000 * Second, 10_400 * Second, 0));

        Assert.Equal(3_990 * Second, clock.ToMonotonicNs(13_990 * Second, notAfterNs: 4_001 * Second));
        Assert.Equal(7_590 * Second, clock.ToMonotonicNs(13_990 * Second, notAfterNs: 8_000 * Second));
        Assert.Equal(4_000 * Second, clock.ToMonotonicNs(10_400 * Second, notAfterNs: 4_001 * Second));
    }
}
