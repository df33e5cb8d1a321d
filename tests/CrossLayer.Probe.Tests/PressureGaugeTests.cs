using CrossLayer.Probe.Ring;

namespace CrossLayer.Probe.Tests;

public sealed class PressureGaugeTests
{
    private const long Second = 1_000_000_000;
    private readonly PressureGauge _gauge = new();

    [Fact]
    public void A_ring_that_is_half_full_or_loses_events_is_pressure()
    {
        _gauge.Observe(1 * Second, 0.49, lost: false);
        Assert.False(_gauge.IsHigh);
        _gauge.Observe(2 * Second, PressureGauge.High, lost: false);
        Assert.True(_gauge.IsHigh);

        var other = new PressureGauge();
        other.Observe(1 * Second, 0, lost: true);
        Assert.True(other.IsHigh);
    }

    [Fact]
    public void It_is_over_once_the_ring_was_nearly_empty_for_long_enough()
    {
        _gauge.Observe(0, 1, lost: false);
        _gauge.Observe(20 * Second, 0.2, lost: false); // not full, nor nearly empty: it does not count as calm
        _gauge.Observe(20 * Second + PressureGauge.LeastCalmNs - 1, 0, lost: false);
        Assert.True(_gauge.IsHigh);
        _gauge.Observe(20 * Second + PressureGauge.LeastCalmNs, 0, lost: false);
        Assert.False(_gauge.IsHigh);
    }

    [Fact]
    public void Pressure_that_soon_comes_back_is_waited_out_for_longer_each_time_up_to_a_limit()
    {
        long now = 0, waited = 0;
        for (var i = 0; i < 10; i++)
        {
            _gauge.Observe(now, 1, lost: false);
            var since = now;
            while (_gauge.IsHigh)
                _gauge.Observe(now += Second, 0, lost: false);
            Assert.True(now - since >= waited);
            waited = now - since;
            now += Second;
        }

        Assert.Equal(PressureGauge.MostCalmNs, waited);

        // And when it had stayed away, as at first.
        now += waited + Second;
        _gauge.Observe(now, 1, lost: false);
        _gauge.Observe(now + PressureGauge.LeastCalmNs, 0, lost: false);
        Assert.False(_gauge.IsHigh);
    }
}
