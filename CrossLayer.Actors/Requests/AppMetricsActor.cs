using System.Threading.Channels;
using Akka.Actor;
using CrossLayer.Actors.Kernel;
using CrossLayer.Probe.Clock;

namespace CrossLayer.Actors.Requests;

/// <summary>
/// Takes request records from any source and passes them to the graph on the kernel's clock. Bounded: what the graph
/// has no room for is turned away and counted, and the source is told.
/// </summary>
public sealed class AppMetricsActor : ReceiveActor, IWithUnboundedStash
{
    private readonly ChannelWriter<IReadOnlyList<TimedRecord>> _output;
    private readonly IActorRef _probe;
    private ClockHistory? _clock;
    private long _accepted;
    private long _rejected;

    /// <summary>Made by <see cref="Props"/>.</summary>
    public AppMetricsActor(ChannelWriter<IReadOnlyList<TimedRecord>> output, IActorRef probe)
    {
        (_output, _probe) = (output, probe);
        Receive<ProbeStatus>(status =>
        {
            _clock = status.Clock;
            Stash.UnstashAll();
        });
        // Senders wait for their answer, so what is stashed is bounded by them.
        Receive<ReportRequests>(_ => _clock is null, _ => Stash.Stash());
        Receive<ReportRequests>(Report);
        Receive<GetAppMetricsStatus>(_ => Sender.Tell(new AppMetricsStatus(_accepted, _rejected)));
        Receive<StopAppMetrics>(_ =>
        {
            _output.TryComplete();
            Sender.Tell(new AppMetricsStatus(_accepted, _rejected));
        });
    }

    /// <inheritdoc/>
    public IStash Stash { get; set; } = null!;

    /// <param name="output">Receives the records; it must be bounded.</param>
    /// <param name="probe">Answers <see cref="GetProbeStatus"/> with the clock that kernel events are on.</param>
    public static Props Props(ChannelWriter<IReadOnlyList<TimedRecord>> output, IActorRef probe) =>
        Akka.Actor.Props.Create(() => new AppMetricsActor(output, probe));

    /// <inheritdoc/>
    protected override void PreStart() => _probe.Tell(new GetProbeStatus());

    /// <inheritdoc/>
    protected override void PostStop() => _output.TryComplete();

    private void Report(ReportRequests report)
    {
        if (report.Records.Count == 0)
        {
            Sender.Tell(new RequestsReported(0, 0));
            return;
        }

        // A record tells of what is over: where the wall clock was set back, that tells which of two times is meant.
        var nowNs = KernelClock.MonotonicNs() + ClockHistory.ToleranceNs;
        var timed = new TimedRecord[report.Records.Count];
        for (var i = 0; i < timed.Length; i++)
        {
            var record = report.Records[i];
            timed[i] = new TimedRecord(record, record.StartUnixNs is { } start ? _clock!.ToMonotonicNs(start, nowNs) : null);
        }

        var accepted = _output.TryWrite(timed) ? timed.Length : 0;
        _accepted += accepted;
        _rejected += timed.Length - accepted;
        Sender.Tell(new RequestsReported(accepted, timed.Length - accepted));
    }
}

/// <summary>Request records from a source; answered by <see cref="RequestsReported"/>.</summary>
public sealed record ReportRequests(IReadOnlyList<RequestRecord> Records);

/// <summary>What became of reported records: those not accepted found the pipeline full and may be sent again.</summary>
public sealed record RequestsReported(int Accepted, int Rejected);

/// <summary>Asks for <see cref="AppMetricsStatus"/>.</summary>
public sealed record GetAppMetricsStatus;

/// <summary>No more records come: lets the graph end. Answered by <see cref="AppMetricsStatus"/>.</summary>
public sealed record StopAppMetrics;

/// <summary>Records taken and turned away so far.</summary>
public sealed record AppMetricsStatus(long Accepted, long Rejected);
