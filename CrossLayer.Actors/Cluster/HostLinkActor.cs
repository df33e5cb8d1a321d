using System.Threading.Channels;
using Akka.Actor;
using Akka.Event;
using CrossLayer.Actors.Correlations;
using CrossLayer.Actors.Hosts;
using CrossLayer.Probe.Clock;

namespace CrossLayer.Actors.Cluster;

/// <summary>
/// A host's link to the others: sends the halves of its requests to their lanes until each is settled, takes in what was decided for this
/// host to report, once, and answers what its kernel knows of a connection.
/// </summary>
public sealed class HostLinkActor : ReceiveActor, IWithTimers
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan FinishWithin = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan ShardTimeout = TimeSpan.FromSeconds(2);
    // A lane that decides at the last moment has so long to have the request reported, before this host does it as well.
    private static readonly TimeSpan LaneGrace = TimeSpan.FromSeconds(5);
    private const int MostInMessage = 200;

    private readonly ClusterSettings _settings;
    private readonly TimeProvider _time;
    private readonly CorrelationSettings _correlation;
    private readonly string _host;
    private readonly IActorRef _lanes;
    private readonly ChannelWriter<IReadOnlyList<Correlation>> _joined;
    private readonly Action<ClusterCounters, int, long> _publish;
    private readonly HalfOutbox _outbox;
    private readonly RecentSet<HalfId> _taken = new();
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private PeerEvidence _evidence = new([], long.MaxValue);
    private ClusterCounters _counters;
    private long? _finishByMs;
    private bool _ended;
    private long _saidMs = long.MinValue / 2;

    /// <summary>Made by <see cref="Props"/>.</summary>
    public HostLinkActor(ClusterSettings settings, CorrelationSettings correlation, string host, IActorRef lanes,
        ChannelWriter<IReadOnlyList<Correlation>> joined, Action<ClusterCounters, int, long> publish, TimeProvider time)
    {
        (_settings, _correlation, _host, _lanes, _joined, _publish, _time) = (settings, correlation, host, lanes, joined, publish, time);
        _outbox = new HalfOutbox(settings.Lanes, settings.MaxHalves);
        Receive<ShardsAre>(are => _evidence = new PeerEvidence(are.Shards, KernelClock.MonotonicNs()));
        Receive<Outgoing>(Keep);
        Receive<HalvesSettled>(settled => _outbox.Settle(settled.Numbers));
        Receive<JoinedBatch>(TakeIn);
        Receive<AskPeer>(Look);
        Receive<Finish>(_ => End());
        Receive<Tick>(_ => Work());
    }

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    private long NowMs => (long)_time.GetElapsedTime(0).TotalMilliseconds;

    /// <param name="settings">The cluster's.</param>
    /// <param name="correlation">How requests are correlated.</param>
    /// <param name="host">This run's name.</param>
    /// <param name="lanes">Takes each <see cref="HalfBatch"/> to its lane.</param>
    /// <param name="joined">Takes what was decided for this host to report.</param>
    /// <param name="publish">Is told the counts, how many halves wait, and since how many milliseconds the oldest does.</param>
    /// <param name="time">Tells how long something has waited.</param>
    public static Props Props(ClusterSettings settings, CorrelationSettings correlation, string host, IActorRef lanes,
        ChannelWriter<IReadOnlyList<Correlation>> joined, Action<ClusterCounters, int, long> publish, TimeProvider time) =>
        Akka.Actor.Props.Create(() => new HostLinkActor(settings, correlation, host, lanes, joined, publish, time));

    /// <inheritdoc/>
    protected override void PreStart() => Timers.StartPeriodicTimer(nameof(Tick), Tick.Instance, Interval);

    /// <inheritdoc/>
    protected override void PostStop() => _joined.TryComplete();

    private void Keep(Outgoing outgoing)
    {
        var refused = outgoing.Halves.Where(half => !_outbox.Add(half, NowMs)).ToList();
        _counters = _counters with { Halves = _counters.Halves + outgoing.Halves.Count - refused.Count, Refused = _counters.Refused + refused.Count };
        Report(refused, $"more than {_settings.MaxHalves} requests wait for other hosts ({ClusterSettings.Section}.max-halves)");
    }

    private void Work()
    {
        var now = NowMs;
        var givenUp = _outbox.TakeOlderThan(_finishByMs is { } end && (now > end || _outbox.Count == 0) ? long.MaxValue : now - (long)(_settings.GiveUpAfter + LaneGrace).TotalMilliseconds);
        if (givenUp.Count > 0)
        {
            _counters = _counters with { GivenUp = _counters.GivenUp + givenUp.Count };
            // A lane that has them may be reached again, and must not have them reported a second time.
            foreach (var half in givenUp)
                _taken.Add(new HalfId(_host, half.Number), now);
            Report(givenUp, "the host of the other end could not be reached");
            if (now - _saidMs > 60_000)
            {
                _saidMs = now;
                _log.Warning("{0} requests are inconclusive, since the hosts of their other ends could not be reached in {1}", givenUp.Count, _settings.GiveUpAfter);
            }
        }

        foreach (var (lane, halves, again) in _outbox.TakeToSend(now))
            foreach (var some in halves.Chunk(MostInMessage))
            {
                _lanes.Tell(new HalfBatch(lane, _host, PeerEvidence.WallAheadNs(), some));
                _counters = _counters with { Messages = _counters.Messages + 1, Again = _counters.Again + (again ? some.Length : 0) };
            }

        _taken.Forget(now, 2 * _settings.GiveUpAfter);
        _publish(_counters, _outbox.Count, _outbox.OldestMs is { } oldest ? now - oldest : 0);
        if (_finishByMs is null || _outbox.Count > 0)
            return;
        _ended = true;
        _joined.TryComplete();
    }

    /// <summary>The pipeline has told all that it will: of what is not among the halves that wait, this host knows nothing more.</summary>
    private void End()
    {
        _finishByMs ??= NowMs + (long)FinishWithin.TotalMilliseconds;
        _evidence = new PeerEvidence([], long.MaxValue);
    }

    /// <summary>Takes each request once, however often and from whichever lanes it comes; says so each time.</summary>
    private void TakeIn(JoinedBatch batch)
    {
        // Nothing is taken any more, nor remembered as taken: whoever has it sends it again, to whom this host's next run is.
        if (_ended)
            return;
        var fresh = new List<Correlation>();
        foreach (var request in batch.Requests)
        {
            if (request.Halves.Any(_taken.Contains))
                _counters = _counters with { Twice = _counters.Twice + 1 };
            else if (request.Correlation is { } correlation)
                fresh.Add(correlation);
            foreach (var id in request.Halves)
                _taken.Add(id, NowMs);
        }

        if (fresh.Count > 0)
            _joined.TryWrite(fresh);
        _counters = _counters with { Joined = _counters.Joined + fresh.Count };
        Sender.Tell(new JoinedTaken([.. batch.Requests.Select(request => request.Halves[0])]));
    }

    /// <summary>What nobody will bring together is not lost: it is this host's, and inconclusive.</summary>
    private void Report(IReadOnlyList<RequestHalf> halves, string why)
    {
        var correlations = halves.Where(half => half.Window.IsWorthCorrelating(half.Closing))
            .Select(half => Correlator.Correlate(half.Window, half.Closing, _correlation) with { Finding = Finding.Inconclusive(why), EvidenceComplete = false })
            .ToList();
        if (correlations.Count > 0 && !_joined.TryWrite(correlations))
            _log.Warning("{0} inconclusive requests came too late to be counted: the pipeline has ended", correlations.Count);
    }

    private void Look(AskPeer ask)
    {
        _counters = _counters with { Asked = _counters.Asked + ask.Connections.Count };
        var waiting = ask.Connections.Select(asked => asked.Connection).Where(_outbox.Has).ToHashSet();
        var sender = Sender;
        _evidence.LookAsync(ask, waiting, ShardTimeout).PipeTo(sender, Self);
    }

    /// <summary>The shards of this host's graph.</summary>
    internal sealed record ShardsAre(IReadOnlyList<IActorRef> Shards) : INoSerializationVerificationNeeded;

    /// <summary>Halves to send.</summary>
    internal sealed record Outgoing(IReadOnlyList<RequestHalf> Halves) : INoSerializationVerificationNeeded;

    /// <summary>The graph has ended: what waits is settled soon, or given up.</summary>
    internal sealed record Finish : INoSerializationVerificationNeeded;

    private sealed record Tick : INoSerializationVerificationNeeded
    {
        internal static Tick Instance { get; } = new();
    }
}
