using System.Threading.Channels;
using Akka.Actor;
using CrossLayer.Actors.Graph;
using CrossLayer.Actors.Kernel;
using CrossLayer.Probe.Clock;

namespace CrossLayer.Actors.Requests;

/// <summary>
/// Takes request records from any source and passes them to the graph on the kernel's clock. Bounded: what the graph
/// has no room for is turned away and counted, and the source is told.
/// </summary>
public sealed class AppMetricsActor : ReceiveActor, IWithUnboundedStash
{
    private readonly ChannelWriter<RecordInput> _output;
    private readonly RecordRoom _room;
    private readonly IActorRef _probe;
    private ClockHistory? _clock;
    private long _accepted;
    private long _rejected;

    /// <summary>Made by <see cref="Props"/>.</summary>
    public AppMetricsActor(ChannelWriter<RecordInput> output, RecordRoom room, IActorRef probe)
    {
        (_output, _room, _probe) = (output, room, probe);
        Receive<ProbeStatus>(status =>
        {
            _clock = status.Clock;
            Stash.UnstashAll();
        });
        // Senders wait for their answer, so what is stashed is bounded by them.
        Receive<ReportRequests>(_ => _clock is null, _ => Stash.Stash());
        Receive<ReportRequests>(Report);
        Receive<GetAppMetricsStatus>(_ => Sender.Tell(new AppMetricsStatus(_accepted, _rejected)));
        Receive<EndRecords>(_ => _output.TryWrite(new RecordInput([]) { EndNs = KernelClock.MonotonicNs() }));
        Receive<StopAppMetrics>(_ =>
        {
            _output.TryComplete();
            Sender.Tell(new AppMetricsStatus(_accepted, _rejected));
        });
    }

    /// <inheritdoc/>
    public IStash Stash { get; set; } = null!;

    /// <param name="output">Receives the records.</param>
    /// <param name="room">Bounds how many wait there; whoever takes records out of the output says so here.</param>
    /// <param name="probe">Answers <see cref="GetProbeStatus"/> with the clock that kernel events are on.</param>
    public static Props Props(ChannelWriter<RecordInput> output, RecordRoom room, IActorRef probe) =>
        Akka.Actor.Props.Create(() => new AppMetricsActor(output, room, probe));

    /// <inheritdoc/>
    protected override void PreStart() => _probe.Tell(new GetProbeStatus());

    /// <inheritdoc/>
    protected override void PostStop() => _output.TryComplete();

    private void Report(ReportRequests report)
    {
        var accepted = _room.Enter(report.Records.Count);
        if (accepted > 0 && !_output.TryWrite(Time(report.Records, accepted)))
        {
            _room.Leave(accepted);
            accepted = 0; // no more are taken
        }

        _accepted += accepted;
        _rejected += report.Records.Count - accepted;
        Sender.Tell(new RequestsReported(accepted, report.Records.Count - accepted));
    }

    private RecordInput Time(IReadOnlyList<RequestRecord> records, int count)
    {
        // A record tells of what is over: where the wall clock was set back, that tells which of two times is meant.
        _clock!.Refresh();
        var reportedNs = KernelClock.MonotonicNs();
        var nowNs = reportedNs + ClockHistory.ToleranceNs;
        var timed = new TimedRecord[count];
        for (var i = 0; i < timed.Length; i++)
        {
            var record = records[i];
            timed[i] = new TimedRecord(record, record.StartUnixNs is { } start ? _clock!.ToMonotonicNs(start, nowNs) : null);
        }

        return new RecordInput(timed) { ReportedNs = reportedNs };
    }
}

/// <summary>Request records from a source; answered by <see cref="RequestsReported"/>.</summary>
public sealed record ReportRequests(IReadOnlyList<RequestRecord> Records);

/// <summary>What became of reported records: the first of them were accepted, the others found the pipeline full and may be sent again.</summary>
public sealed record RequestsReported(int Accepted, int Rejected);

/// <summary>Asks for <see cref="AppMetricsStatus"/>.</summary>
public sealed record GetAppMetricsStatus;

/// <summary>The sources of records are about to end: from now on one may be missing.</summary>
public sealed record EndRecords;

/// <summary>No more records come: lets the graph end. Answered by <see cref="AppMetricsStatus"/>.</summary>
public sealed record StopAppMetrics;

/// <summary>Records taken and turned away so far.</summary>
public sealed record AppMetricsStatus(long Accepted, long Rejected);
