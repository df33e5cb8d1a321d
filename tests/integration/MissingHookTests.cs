using CrossLayer.Actors.Correlations;
using CrossLayer.Integration.Tests.Shapes;
using CrossLayer.Probe;
using CrossLayer.Tests;
using CrossLayer.Tests.Shapes;

namespace CrossLayer.Integration.Tests;

/// <summary>A kernel without the hooks of an event, from the probe to the verdict.</summary>
public class MissingHookTests
{
    [RequiresKernelFact]
    public async Task Without_acknowledgements_in_sight_a_request_that_went_well_is_inconclusive_and_says_why()
    {
        using var script = new ShapeScript();
        await using var watch = ShapeWatch.Start(HiddenHooks.Hide(new ProbeOptions { Filter = new ProbeFilter { Ports = [script.Port] } }, KernelEventType.Acked));
        var connection = script.Connect();
        connection.Exchange(new byte[101], new byte[503]);
        connection.CloseByClient();
        await watch.WaitForAsync(events => events.Count(e => e.Type == KernelEventType.Close) == 2);

        var events = await watch.StopAsync();
        var correlations = await ShapePipeline.RunAsync(events.Select(dated => (dated.Event, dated.UnixNs)), script.Records, []);

        Assert.Equal((KernelEventType.Missing, KernelEventType.Acked), (events[0].Event.Type, events[0].Event.MissingType));
        Assert.DoesNotContain(events, dated => dated.Event.Type == KernelEventType.Acked);
        var correlation = Assert.Single(correlations);
        Assert.True(correlation.ClientExchange is not null && correlation.ServerExchange is not null);
        Assert.Equal(
            (Verdict.Inconclusive, "this kernel's hooks do not tell of acked events, or not of all"),
            (correlation.Finding.Verdict, correlation.Finding.Reason));
    }
}
