using CrossLayer.Host.Experiments;
using CrossLayer.Host.Lab;

namespace CrossLayer.Host.Tests.Experiments;

public sealed class ExperimentPlanTests
{
    private static readonly string[] Some = ["normal", "path_loss", "congestion", "server_abort", "slow_reader"];

    [Fact]
    public void The_same_options_give_the_same_plan()
    {
        var (one, other) = (ExperimentPlan.Of(3, 8, Some), ExperimentPlan.Of(3, 8, Some));
        Assert.True(one.IsSameAs(other));
        Assert.Equal(one.Probed.Select(Described), other.Probed.Select(Described));
        Assert.Equal(one.Baseline.Select(Described), other.Baseline.Select(Described));
    }

    [Fact]
    public void Another_seed_gives_another_order_and_other_times()
    {
        var (one, other) = (ExperimentPlan.Of(3, 8, Some), ExperimentPlan.Of(3, 10, Some));
        Assert.False(one.IsSameAs(other));
        Assert.NotEqual(one.Probed.Select(episode => string.Join(",", episode.Faults)), other.Probed.Select(episode => string.Join(",", episode.Faults)));
        Assert.NotEqual(one.Probed.Select(episode => episode.QuietMs), other.Probed.Select(episode => episode.QuietMs));
    }

    [Fact]
    public void Every_scenario_has_its_episodes_and_every_level_comes()
    {
        var plan = ExperimentPlan.Of(3, 8, Some).Probed;
        foreach (var name in Some.Skip(1))
            Assert.Equal([Intensity.Low, Intensity.Medium, Intensity.High],
                plan.Where(episode => episode.Kind == EpisodeKind.Fault && episode.Faults[0].Scenario == name).Select(episode => episode.Faults[0].Intensity).Order());
        Assert.Equal(10, plan.Count(episode => episode.Kind == EpisodeKind.Benign));
        Assert.Equal(5, plan.Count(episode => episode.Kind == EpisodeKind.Control));
    }

    [Fact]
    public void Development_sees_neither_levels_that_are_held_out_nor_mixes() =>
        Assert.DoesNotContain(ExperimentPlan.Of(5, 8, Some).Probed, episode => episode.Kind is EpisodeKind.HeldOut or EpisodeKind.Mix);

    [Fact]
    public void Reporting_has_both()
    {
        var plan = ExperimentPlan.Of(4, 7, Some).Probed;
        Assert.Equal(2 * 4, plan.Count(episode => episode.Kind == EpisodeKind.HeldOut));
        Assert.All(plan.Where(episode => episode.Kind == EpisodeKind.HeldOut), episode => Assert.Equal(Intensity.HeldOut, Assert.Single(episode.Faults).Intensity));
        var mixes = plan.Where(episode => episode.Kind == EpisodeKind.Mix).ToList();
        Assert.Equal(8, mixes.Count);
        Assert.All(mixes, mix => Assert.Equal(2, mix.Faults.Select(fault => fault.Scenario).Distinct().Count()));
        Assert.All(mixes, mix => Assert.True(mix.Faults.Count(fault => ScenarioCatalog.Of(fault.Scenario).Where == LabHost.Server) <= 1));
    }

    [Fact]
    public void An_episodes_name_tells_nothing_but_its_number()
    {
        var episodes = ExperimentPlan.Of(2, 7, Some);
        Assert.Equal(
            Enumerable.Range(1, episodes.Baseline.Count + episodes.Probed.Count).Select(ExperimentFolder.NameOf),
            episodes.Baseline.Concat(episodes.Probed).Select(episode => episode.Name));
    }

    [Fact]
    public void A_plan_of_another_version_is_refused()
    {
        var path = Path.GetTempFileName();
        File.WriteAllText(path, """{"version":99,"episodes":1,"seed":1,"scenarios":[]}""");
        var refused = Assert.Throws<InputException>(() => ExperimentPlan.Read(path));
        Assert.Contains("version 99", refused.Message, StringComparison.Ordinal);
        File.Delete(path);
    }

    private static string Described(EpisodePlan episode) =>
        $"{episode.Number} {episode.Kind} {string.Join(",", episode.Faults)} {episode.Seed} {episode.QuietMs} {episode.HoldMs} {episode.AfterMs}";
}
