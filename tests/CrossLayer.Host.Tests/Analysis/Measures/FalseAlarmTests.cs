using CrossLayer.Actors.Correlations;
using CrossLayer.Host.Analysis;
using CrossLayer.Host.Analysis.Measures;
using CrossLayer.Host.Experiments;
using CrossLayer.Host.Lab;

namespace CrossLayer.Host.Tests.Analysis.Measures;

public sealed class FalseAlarmTests
{
    [Theory]
    [InlineData("client_abort", nameof(Cause.ProcessStall), 1)]
    [InlineData("client_abort", null, 1)]
    [InlineData("long_collection", nameof(Cause.ProcessStall), 0)]
    [InlineData("long_collection", nameof(Cause.SlowHandler), 0)]
    [InlineData("long_collection", null, 0)]
    [InlineData("long_collection", nameof(Cause.PathLoss), 1)]
    public void An_alarm_over_a_negative_is_false_unless_it_says_what_is_true(string negative, string? cause, int falseAlarms)
    {
        var alarm = new Decision(true, false, 1, 5, cause is null ? null : Enum.Parse<Cause>(cause));
        var alarms = Assert.Single(FalseAlarms.Of([new DetectorDescription("any", DetectorLayer.CrossLayer, 0, 0)], [Episode(negative, alarm, default, default)]));
        Assert.Equal(((long)falseAlarms, 3L), (alarms.Requests.Numerator, alarms.Requests.Denominator));
        Assert.Equal(((long)falseAlarms, 1L), (alarms.Episodes.Numerator, alarms.Episodes.Denominator));
    }

    private static TestedEpisode Episode(string negative, params Decision[] decisions) => new(new ScoredEpisode(
        new EpisodeLabel
        {
            Episode = "0001",
            Kind = EpisodeKind.Negative,
            Faults =
            [
                new FaultLabel
                {
                    Scenario = negative, Family = ScenarioFamily.Normal, Cause = null, Intensity = Intensity.Medium, ArmedUnixNs = 1, LiftedUnixNs = 9,
                    Applied = true, Proof = "client: made 1",
                },
            ],
            Requests = [],
        },
        [
            .. decisions.Select((decision, i) => new ScoredRequest(
                new RequestLabel
                {
                    RequestId = $"{i}", Route = "GET /", StartUnixNs = 2, LatencyMs = 1, Outcome = Outcome.Right, Armed = true, TouchedBy = [],
                },
                false, [decision])),
        ]));
}
