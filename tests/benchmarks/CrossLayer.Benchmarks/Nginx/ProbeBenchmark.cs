using CrossLayer.Benchmarks.Measuring;
using CrossLayer.Probe;

namespace CrossLayer.Benchmarks.Nginx;

/// <summary>What the probe costs a web server, against no probe and against bpftrace.</summary>
internal sealed class ProbeBenchmark : Benchmark
{
    private const string Rate = "requests/s";
    private const string Cpu = "µs CPU/request, all";
    private const string ServerCpu = "µs CPU/request, nginx";
    private const string ReaderCpu = "µs CPU/request, reader";
    private const string Events = "events/request";
    private const string Lost = "% of events lost";
    private const string None = "no probe";
    private const string Server = "probe, server's sockets";
    private const string Summarised = "probe, server's sockets, summaries";
    private const string Silent = "probe, a port that nobody uses";
    private const string Filtered = "probe, port: both ends";
    private const string Unfiltered = "probe, unfiltered";
    private const string Trace = "bpftrace, printing";

    /// <inheritdoc/>
    internal override string Name => "probe";

    /// <inheritdoc/>
    internal override string Question => "nginx under wrk: no probe, probe filtered, in summaries, unfiltered, bpftrace printing the same events";

    /// <inheritdoc/>
    internal override async Task<IReadOnlyList<Result>> RunAsync(BenchmarkContext context)
    {
        await using var nginx = await NginxServer.StartAsync(context);
        const int seconds = 1; // the shorter, the more alike is what else the machine does in a round's arms
        var port = nginx.Port;
        var server = new ProbeFilter { LocalPorts = [port] };
        Arm[] arms =
        [
            new(None, () => Measure(nginx, seconds, null, context.Cancellation)),
            new(Server, () => Measure(nginx, seconds, new ProbeOptions { Filter = server }, context.Cancellation)),
            new(Summarised, () => Measure(nginx, seconds, new ProbeOptions { Filter = server, Mode = ProbeMode.Summary }, context.Cancellation)),
            new(Silent, () => Measure(nginx, seconds, new ProbeOptions { Filter = new ProbeFilter { LocalPorts = [1] } }, context.Cancellation)),
            new(Filtered, () => Measure(nginx, seconds, new ProbeOptions { Filter = new ProbeFilter { Ports = [port] } }, context.Cancellation)),
            new(Unfiltered, () => Measure(nginx, seconds, new ProbeOptions(), context.Cancellation)),
            new(Trace, () => MeasureTrace(context, nginx, seconds)),
        ];
        // Each once without being measured, for long: a probe runs for days, and what is compiled in its first seconds is not its cost.
        foreach (var mode in new[] { ProbeMode.Full, ProbeMode.Summary })
            await Measure(nginx, context.Pick(10, 1), new ProbeOptions { Mode = mode }, context.Cancellation);
        var rounds = await Rounds.RunAsync(context, context.Pick(12, 2), arms, warmUp: false);
        return
        [
            rounds.Ratio(Name, Server, None, Cpu, Target.AtMost(1.05), "CPU is nginx's, wrk's and the reader's; the kernel side filters by the local port, so that of both ends, which are here, it tells of nginx's"),
            rounds.Ratio(Name, Server, None, ServerCpu),
            rounds.Ratio(Name, Server, None, Rate),
            rounds.Ratio(Name, Summarised, None, Cpu, Target.AtMost(1.05)),
            rounds.Ratio(Name, Summarised, Server, Cpu),
            rounds.Ratio(Name, Summarised, Server, Rate),
            rounds.Ratio(Name, Summarised, Server, Events),
            rounds.Ratio(Name, Silent, None, Cpu, note: "what it takes that programs run and a thread wakes, and nothing is told"),
            rounds.Ratio(Name, Filtered, None, Cpu),
            rounds.Ratio(Name, Filtered, None, Rate),
            rounds.Ratio(Name, Unfiltered, None, Cpu),
            rounds.Ratio(Name, Unfiltered, None, Rate),
            rounds.Ratio(Name, Trace, None, Rate),
            rounds.Ratio(Name, Server, Trace, Rate, Target.AtLeast(4)),
            rounds.Ratio(Name, Unfiltered, Trace, Rate),
            rounds.Value(Name, None, ReaderCpu, note: "what measuring itself takes, in all arms"),
            rounds.Value(Name, Server, ReaderCpu),
            rounds.Value(Name, Summarised, ReaderCpu),
            rounds.Value(Name, Server, Events),
            rounds.Value(Name, Unfiltered, Events),
            rounds.Value(Name, Unfiltered, Lost),
        ];
    }

    private static async Task<Reading> Measure(NginxServer nginx, int seconds, ProbeOptions? options, CancellationToken cancellation)
    {
        if (options is null)
        {
            // Starting wrk and waiting for it takes this process some time, too: it counts in all arms.
            var own = ProcessTime.OwnSeconds;
            var alone = await Load.RunAsync(nginx, seconds, cancellation);
            return ReadingOf(alone, (ProcessTime.OwnSeconds - own) * 1e9, 0, 0);
        }

        KernelProbe probe;
        try
        {
            probe = KernelProbe.Start(options);
        }
        catch (ProbeUnavailableException reason)
        {
            throw new SkippedException(reason.Message);
        }

        await using var started = probe;
        var reading = Task.Run(async () =>
        {
            await foreach (var batch in probe.Batches.ReadAllAsync(CancellationToken.None))
                batch.Dispose();
        }, CancellationToken.None);
        var cpu = ProcessTime.OwnSeconds;
        var load = await Load.RunAsync(nginx, seconds, cancellation);
        cpu = ProcessTime.OwnSeconds - cpu;
        await probe.StopAsync();
        await reading;
        var counters = probe.Counters;
        return ReadingOf(load, cpu * 1e9, counters.Made, counters.Lost + counters.Missed);
    }

    private static async Task<Reading> MeasureTrace(BenchmarkContext context, NginxServer nginx, int seconds)
    {
        await using var trace = await BpfTrace.StartAsync(context, nginx.Port);
        var (cpu, own) = (ProcessTime.Ns(trace.Id), ProcessTime.OwnSeconds);
        var load = await Load.RunAsync(nginx, seconds, context.Cancellation);
        return ReadingOf(load, ProcessTime.Ns(trace.Id) - cpu + ((ProcessTime.OwnSeconds - own) * 1e9), 0, 0);
    }

    private static Reading ReadingOf(Load load, double observerNs, double events, double lost) => new(
        (Rate, load.Rate), (ReaderCpu, observerNs / load.Requests / 1e3), (ServerCpu, load.ServerNs / 1e3), (Cpu, (load.ServerNs + load.ClientNs + (observerNs / load.Requests)) / 1e3),
        (Events, events / load.Requests), (Lost, events == 0 ? 0 : 100 * lost / events));
}
