using CrossLayer.Actors.Cluster;
using CrossLayer.Actors.Correlations;
using CrossLayer.Actors.Graph;
using CrossLayer.Actors.Hosts;
using CrossLayer.Actors.Tests.Hosts;

namespace CrossLayer.Actors.Tests.Cluster;

public sealed class PeerEvidenceTests
{
    private const long Second = 1_000_000_000;
    private const long StartedNs = 100 * Second;
    private const long NowNs = 160 * Second;

    private readonly PeerEvidence _evidence = new([], StartedNs);

    [Fact]
    public void A_host_that_was_watched_when_the_request_began_saw_nothing_of_it() => Assert.Equal((PeerView.Nothing, null), View(30 * Second));

    [Fact]
    public void One_that_was_started_after_it_began_cannot_tell()
    {
        var (view, gap) = View(70 * Second);

        Assert.Equal(PeerView.CutOff, view);
        Assert.Contains("not watched yet", gap, StringComparison.Ordinal);
    }

    [Fact]
    public void An_age_says_less_than_the_truth() => Assert.Equal(PeerView.CutOff, View((60 * Second) - 1).View);

    [Fact]
    public void Where_a_member_of_another_version_tells_no_age_none_is_held_against_it() => Assert.Equal(PeerView.Nothing, View(0).View);

    private (PeerView View, string? Gap) View(long ageNs) =>
        _evidence.View(new ConnectionAnswer(Halves.OfClient(1).Connection, NowNs, IsBusy: false, new Coverage(StartedNs + Second, long.MaxValue, [])), NowNs, ageNs);
}
