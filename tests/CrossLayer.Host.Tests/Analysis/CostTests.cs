using CrossLayer.Host.Analysis;
using CrossLayer.Host.Analysis.Summaries;

namespace CrossLayer.Host.Tests.Analysis;

public sealed class CostTests : IDisposable
{
    private const string On = """{"pair":1,"probe":true,"load":"paced","requests":100,"seconds":10,"cpu_seconds":2.2,"p50_ms":1.1,"p99_ms":3}""";

    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void Costs_are_ratios_of_pairs()
    {
        var path = _folder.File("costs.jsonl", string.Join('\n',
            On,
            """{"pair":1,"probe":false,"load":"paced","requests":100,"seconds":10,"cpu_seconds":2,"p50_ms":1,"p99_ms":3}""",
            """{"pair":1,"probe":false,"load":"saturated","requests":1000,"seconds":10,"cpu_seconds":10,"p50_ms":1,"p99_ms":3}""",
            """{"pair":1,"probe":true,"load":"saturated","requests":800,"seconds":10,"cpu_seconds":10,"p50_ms":1,"p99_ms":6}""",
            """{"pair":2,"probe":false,"load":"saturated","requests":1000,"seconds":10,"cpu_seconds":10,"p50_ms":1,"p99_ms":3}""",
            """{"pair":2,"probe":true,"load":"saturated","requests":900,"seconds":10,"cpu_seconds":10,"p50_ms":1,"p99_ms":3}""",
            """{"pair":3,"probe":true,"load":"saturated","requests":1,"seconds":10,"cpu_seconds":10,"p50_ms":1,"p99_ms":3}""") + "\n");

        var costs = CostSummary.Of(CostMeasurement.ReadAll(path));

        Assert.Equal(1, costs.Unpaired);
        Assert.Equal(1.1, costs.Of("paced")!.CpuRatio.Median, 1e-12);
        Assert.Null(costs.Of("paced")!.CpuRatio.Interval);
        var saturated = costs.Of("saturated")!;
        Assert.Equal(2, saturated.ThroughputRatio.Pairs);
        Assert.Equal(0.85, saturated.ThroughputRatio.Median, 1e-12);
        Assert.Equal((0.8, 0.9), (saturated.ThroughputRatio.Interval!.Value.Low, saturated.ThroughputRatio.Interval.Value.High));
        Assert.Equal([2.0, 1.0], saturated.P99Ratio.Ratios);
    }

    [Theory]
    [InlineData("{}", "line 1: ")]
    [InlineData("[", "line 1: ")]
    [InlineData("null", "line 1: null")]
    [InlineData("", "line 1: ")]
    [InlineData("""{"pair":1,"probe":true,"load":"paced","requests":100,"seconds":10,"cpu_seconds":2,"p50_ms":1,"p99_ms":3,"p90_ms":3}""", "line 1: ")]
    [InlineData("""{"pair":1,"probe":true,"load":"heavy","requests":100,"seconds":10,"cpu_seconds":2,"p50_ms":1,"p99_ms":3}""", "line 1: load is 'heavy'; expected paced or saturated")]
    [InlineData("""{"pair":1,"probe":true,"load":"paced","requests":0,"seconds":10,"cpu_seconds":2,"p50_ms":1,"p99_ms":3}""", "line 1: requests is 0; expected at least 1")]
    [InlineData("""{"pair":1,"probe":true,"load":"paced","requests":1,"seconds":0,"cpu_seconds":2,"p50_ms":1,"p99_ms":3}""", "line 1: seconds, ")]
    [InlineData(On + "\n" + On, "line 2: pair 1 in load paced with the probe for the second time")]
    public void What_is_no_measurement_is_refused_with_its_line(string text, string expected)
    {
        var path = _folder.File("costs.jsonl", text + "\n");

        var error = Assert.Throws<InputException>(() => CostMeasurement.ReadAll(path));

        Assert.StartsWith($"{path}, {expected}", error.Message, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();
}
