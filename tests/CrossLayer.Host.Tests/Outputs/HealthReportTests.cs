using System.Net;
using System.Text.Json;
using CrossLayer.Actors.Kernel;
using CrossLayer.Host.Outputs;
using CrossLayer.Host.Outputs.Health;

namespace CrossLayer.Host.Tests.Outputs;

public sealed class HealthReportTests
{
    private static readonly DateTimeOffset Start = RunningOutputs.Started;
    private static readonly TimeSpan Within = TimeSpan.FromSeconds(10);

    private static readonly HealthSnapshot Good = new(
        Start.AddMinutes(1), 60_000_000_000, Start, Start.AddSeconds(59), true, RunningOutputs.Attached, Start,
        new JournalReading(true, null, Start, 0, 0), [new ComponentState("source:http", true, null, Start)]);

    [Fact]
    public void Loops_that_turn_are_alive()
    {
        var report = HealthReport.Live(Good, Within);

        Assert.True(report.Ok);
        Assert.Equal(["actors", "probe_actor", "graph"], report.Checks.Select(check => check.Name));
    }

    [Fact]
    public void A_graph_that_stands_still_is_not_alive()
    {
        var check = Failing(HealthReport.Live(Good with { Heartbeat = Start.AddSeconds(45) }, Within));

        Assert.Equal("graph", check.Name);
        Assert.Equal("the graph gave no batch for 15.0 s", check.Reason);
        Assert.Equal(Start.AddSeconds(45), check.Since);
    }

    [Fact]
    public void A_graph_that_never_gave_a_batch_is_given_time_first()
    {
        Assert.True(HealthReport.Live(Good with { Heartbeat = null, Now = Start.AddSeconds(9) }, Within).Ok);
        Assert.Equal(
            "the graph gave no batch since the start, 60.0 s", Failing(HealthReport.Live(Good with { Heartbeat = null }, Within)).Reason);
    }

    [Fact]
    public void Actors_that_ended_or_do_not_answer_are_not_alive()
    {
        Assert.Equal("the actor system has ended", Failing(HealthReport.Live(Good with { ActorsAlive = false }, Within)).Reason);
        Assert.Equal("the probe's actor does not answer", Failing(HealthReport.Live(Good with { Probe = null }, Within)).Reason);
    }

    [Fact]
    public void What_a_restart_would_not_mend_does_not_make_it_dead()
    {
        var away = Good with
        {
            Probe = RunningOutputs.Attached with { Outage = new ProbeOutage("no permission", 0, 3) },
            Journal = new JournalReading(false, "the disk is full", Start, 0, 1),
        };

        Assert.True(HealthReport.Live(away, Within).Ok);
        Assert.False(HealthReport.Ready(away).Ok);
    }

    [Fact]
    public void A_probe_that_is_away_is_not_ready_since_its_outage()
    {
        var outage = new ProbeOutage("cannot attach:\nEPERM", 40_000_000_000, 3);
        var check = Failing(HealthReport.Ready(Good with { Probe = RunningOutputs.Attached with { Outage = outage } }));

        Assert.Equal(new HealthCheck("probe", false, "cannot attach: EPERM", Start.AddSeconds(40)), check);
    }

    [Fact]
    public void A_journal_or_a_source_that_fails_is_not_ready()
    {
        var journal = Failing(HealthReport.Ready(Good with { Journal = new JournalReading(false, "the disk is full", Start.AddSeconds(5), 0, 7) }));
        var source = Failing(HealthReport.Ready(Good with { Sources = [new ComponentState("source:unix", false, null, Start.AddSeconds(6))] }));

        Assert.Equal(new HealthCheck("journal", false, "the disk is full", Start.AddSeconds(5)), journal);
        Assert.Equal(new HealthCheck("source:unix", false, "not told", Start.AddSeconds(6)), source);
    }

    [Fact]
    public async Task Both_are_served_with_their_reasons()
    {
        var journal = new JournalReading(true, null, Start, 0, 0);
        var alive = true;
        await using var running = await RunningOutputs.StartAsync(RunningOutputs.Daemon with { Journal = () => journal, ActorsAlive = () => alive });
        running.Outputs.Observe(Correlated.Batch());

        var healthy = await running.GetAsync("/healthz");
        var ready = await running.GetAsync("/readyz");
        journal = new JournalReading(false, "the disk is full", Start, 0, 1);
        alive = false;
        var dead = await running.GetAsync("/healthz");
        var unready = await running.GetAsync("/readyz");

        Assert.Equal(HttpStatusCode.OK, healthy.Status);
        Assert.Equal(HttpStatusCode.OK, ready.Status);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, dead.Status);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, unready.Status);
        Assert.Equal(["actors: the actor system has ended"], Failures(dead.Text));
        Assert.Equal(["journal: the disk is full"], Failures(unready.Text));
        Assert.Equal("ok", JsonDocument.Parse(ready.Text).RootElement.GetProperty("status").GetString());
        Assert.Equal(3, JsonDocument.Parse(ready.Text).RootElement.GetProperty("checks").GetArrayLength());
    }

    [Fact]
    public async Task A_probe_actor_that_never_answers_is_found_out_in_time()
    {
        await using var running = await RunningOutputs.StartAsync(RunningOutputs.Daemon with { Probe = () => new TaskCompletionSource<ProbeStatus>().Task });
        running.Outputs.Observe(Correlated.Batch());

        var (status, text) = await running.GetAsync("/healthz");

        Assert.Equal(HttpStatusCode.ServiceUnavailable, status);
        Assert.Equal(["probe_actor: the probe's actor does not answer"], Failures(text));
    }

    private static HealthCheck Failing(HealthReport report) => Assert.Single(report.Checks, check => !check.Ok);

    private static List<string> Failures(string json)
    {
        using var document = JsonDocument.Parse(json);
        return [.. document.RootElement.GetProperty("checks").EnumerateArray().Where(check => !check.GetProperty("ok").GetBoolean())
            .Select(check => $"{check.GetProperty("name").GetString()}: {check.GetProperty("reason").GetString()}")];
    }
}
