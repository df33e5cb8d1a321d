using CrossLayer.Actors.Correlations;
using CrossLayer.Host.Lab;

namespace CrossLayer.Host.Tests.Lab;

public sealed class ScenarioCatalogTests
{
    [Fact]
    public void Every_cause_that_can_be_injected_has_one_scenario_of_its_name()
    {
        var causes = Enum.GetValues<Cause>().Where(cause => cause <= Cause.PortExhaustion);
        Assert.Equal(causes, ScenarioCatalog.All.Where(scenario => scenario.Cause is not null).Select(scenario => scenario.Cause!.Value).Order());
        foreach (var scenario in ScenarioCatalog.All.Where(scenario => scenario.Cause is not null))
            Assert.Equal(scenario.Cause.ToString(), scenario.Name.Replace("_", "", StringComparison.Ordinal), ignoreCase: true);
    }

    [Fact]
    public void Every_family_has_scenarios_and_every_level_is_described()
    {
        Assert.Equal(Enum.GetValues<ScenarioFamily>(), ScenarioCatalog.All.Select(scenario => scenario.Family).Distinct().Order());
        Assert.All(ScenarioCatalog.All, scenario => Assert.All(Enum.GetValues<Intensity>(), level => Assert.NotEmpty(scenario.Describe(level))));
    }

    [Fact]
    public void Negatives_have_no_cause_touch_nothing_and_blame_no_network()
    {
        Cause[] ofProcesses = [Cause.ProcessStall, Cause.SlowHandler, Cause.SlowReader];
        Assert.All(ScenarioCatalog.Negatives, negative =>
        {
            Assert.Equal((null, ScenarioFamily.Normal, TouchRule.Nothing), (negative.Cause, negative.Family, negative.Touch));
            Assert.Subset(ofProcesses.ToHashSet(), negative.MayBeFound.ToHashSet());
            Assert.All(Enum.GetValues<Intensity>(), level => Assert.NotEmpty(negative.Describe(level)));
        });
        Assert.Equal(ScenarioCatalog.Everything.Count, ScenarioCatalog.Everything.Select(scenario => scenario.Name).Distinct().Count());
        Assert.Same(ScenarioCatalog.Negatives[0], ScenarioCatalog.Of("lost_acks"));
    }

    [Fact]
    public void An_unknown_name_is_an_error_that_names_the_known()
    {
        var error = Assert.Throws<LabException>(() => ScenarioCatalog.Of("path-loss"));
        Assert.StartsWith("no scenario is named 'path-loss': normal, path_loss, congestion,", error.Message, StringComparison.Ordinal);
        Assert.Equal("path_loss", ScenarioCatalog.Of("path_loss").Name);
    }
}
