using Akka.Actor;
using CrossLayer.Actors.Connections;
using CrossLayer.Actors.Correlations;
using CrossLayer.Actors.Hosts;

namespace CrossLayer.Actors.Graph;

/// <summary>
/// One lane of the graph: assembles the exchanges of its connections and is the parent of their entities. It answers
/// each <see cref="ShardBatch"/> with one <see cref="CorrelationBatch"/> when every entity and window that the batch
/// touched is done; that is what carries backpressure from the journal to the ring.
/// </summary>
/// <remarks>One batch at a time: the graph sends the next when this one is answered.</remarks>
public sealed class ShardActor : ReceiveActor
{
    /// <summary>An entity without windows is kept so long for the next request of its connection.</summary>
    private static readonly long RetireNs = (long)TimeSpan.FromSeconds(30).TotalNanoseconds;

    private readonly CorrelationSettings _settings;
    private readonly ExchangeAssembler _assembler;
    private readonly Dictionary<ConnectionKey, Entity> _entities = [];
    private readonly DeadlineQueue<Entity> _deadlines = new();
    private readonly List<ConnectionFact> _facts = [];
    private readonly Dictionary<ConnectionKey, Share> _shares = [];
    private readonly Props _entityProps;
    private readonly int _maxEntities;
    private IActorRef _asker = ActorRefs.Nobody;
    private List<Correlation> _correlations = [];
    private List<Attempt> _attempts = [];
    private List<RequestHalf> _halves = [];
    private Coverage _coverage = Coverage.None;
    private long _watermarkNs;
    private long _sweptNs = long.MinValue;
    private int _awaitedEntities;
    private int _awaitedWindows;
    private long _unclaimed;
    private long _rejected;
    private long _late;
    private int _busy; // entities that are not idle

    /// <summary>Made by <see cref="Props"/>.</summary>
    public ShardActor(CorrelationSettings settings, IOtherHosts? others)
    {
        _settings = settings;
        _maxEntities = Math.Max(1, settings.MaxSockets / settings.Shards);
        _assembler = new ExchangeAssembler(settings.ExchangeTimes, _maxEntities);
        _entityProps = ConnectionEntity.Props(Self, settings, others);
        Receive<ShardBatch>(Process);
        Receive<ConnectionDone>(Done);
        Receive<WindowClosed>(Closed);
        Receive<AskConnection>(ask => Sender.Tell(Answer(ask.Connection)));
    }

    /// <param name="settings">How requests are correlated.</param>
    /// <param name="others">Which requests have their other end on another host that is watched; null: none.</param>
    public static Props Props(CorrelationSettings settings, IOtherHosts? others = null) => Akka.Actor.Props.Create(() => new ShardActor(settings, others));

    /// <summary>An entity that fails would leave the batch unanswered: the graph hears of it at once.</summary>
    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(failure =>
    {
        _asker.Tell(new Status.Failure(failure));
        return Directive.Escalate;
    });

    private void Process(ShardBatch batch)
    {
        _asker = Sender;
        _watermarkNs = batch.WatermarkNs;
        _coverage = batch.Coverage;
        using (batch)
        {
            foreach (ref readonly var e in batch.Events)
                _assembler.Apply(in e, _facts);
            _assembler.Advance(batch.WatermarkNs, _facts);
        }

        foreach (var fact in _facts)
            ShareOf(fact.Connection).Facts.Add(fact);
        foreach (var record in batch.Records)
            ShareOf(KeyOf(record.Record)).Records.Add(record);
        AddDue();
        MakeRoom();
        _facts.Clear();

        _awaitedEntities = _shares.Count;
        foreach (var (key, share) in _shares)
            EntityOf(key, share).Actor.Tell(new ConnectionInput(key, share.Records, share.Facts, batch.WatermarkNs, batch.Coverage));
        _shares.Clear();
        AnswerIfDone();
    }

    /// <summary>A record without endpoints stands with others of its kind: it can be matched by nothing.</summary>
    private static ConnectionKey KeyOf(Requests.RequestRecord record) =>
        ConnectionKey.Of(record.Local ?? default, record.Peer ?? default);

    private Share ShareOf(ConnectionKey key)
    {
        if (!_shares.TryGetValue(key, out var share))
            _shares.Add(key, share = new Share());
        return share;
    }

    private Entity EntityOf(ConnectionKey key, Share share)
    {
        if (!_entities.TryGetValue(key, out var entity))
        {
            _entities.Add(key, entity = new Entity(key, Context.ActorOf(_entityProps)));
            _busy++;
        }

        entity.IsSeen |= share.Facts.Count > 0;
        return entity;
    }

    /// <summary>
    /// Bounded: whoever reports can name as many connections as there are addresses. Those that only records tell of go first, then all
    /// that wait for nothing; if that is not enough, records of further connections that the kernel does not show are turned away,
    /// the last that came.
    /// </summary>
    private void MakeRoom()
    {
        var added = _shares.Keys.Count(key => !_entities.ContainsKey(key));
        if (added == 0 || _entities.Count + added <= _maxEntities)
            return;
        Retire(entity => !entity.IsSeen);
        if (_entities.Count + added > _maxEntities)
            Retire(_ => true);
        foreach (var (key, share) in _shares.Reverse().Where(share => share.Value.Facts.Count == 0 && !_entities.ContainsKey(share.Key)).ToList())
        {
            if (_entities.Count + added <= _maxEntities)
                return;
            _rejected += share.Records.Count;
            _shares.Remove(key);
            added--;
        }
    }

    /// <summary>Entities with a deadline that the watermark has passed take part in the batch, though nothing is new.</summary>
    private void AddDue()
    {
        while (_deadlines.TakeDue(_watermarkNs) is { } entity)
            if (_entities.GetValueOrDefault(entity.Key) == entity) // else it is retired
                ShareOf(entity.Key);
        if (_sweptNs == long.MinValue || _watermarkNs - _sweptNs > RetireNs)
            Sweep();
    }

    private void Sweep()
    {
        _sweptNs = _watermarkNs;
        Retire(entity => _watermarkNs - entity.LastNs > RetireNs);
    }

    private void Retire(Func<Entity, bool> isOver)
    {
        foreach (var entity in _entities.Values.Where(entity => entity.IsIdle && isOver(entity) && !_shares.ContainsKey(entity.Key)).ToList())
        {
            Context.Stop(entity.Actor);
            _entities.Remove(entity.Key);
        }
    }

    private void Done(ConnectionDone done)
    {
        var entity = _entities[done.Connection];
        if (entity.IsIdle != done.IsIdle)
            _busy += done.IsIdle ? -1 : 1;
        entity.IsIdle = done.IsIdle;
        entity.LastNs = _watermarkNs;
        _deadlines.Schedule(entity, done.NextDeadlineNs);
        _rejected += done.Rejected;
        _late += done.Late;
        _awaitedWindows += done.Closing;
        _awaitedEntities--;
        AnswerIfDone();
    }

    private void Closed(WindowClosed closed)
    {
        if (closed.Attempt is { } attempt)
            _attempts.Add(attempt);
        if (closed.Correlation is { } correlation)
            _correlations.Add(correlation);
        else if (closed.Half is { } half)
            _halves.Add(half);
        else if (!closed.IsNote)
            _unclaimed++;
        _awaitedWindows--;
        AnswerIfDone();
    }

    /// <summary>What is known of a connection by the watermark, for a host that has its other end.</summary>
    private ConnectionAnswer Answer(ConnectionKey connection) => new(
        connection, _watermarkNs, _entities.TryGetValue(connection, out var entity) && !entity.IsIdle, _coverage);

    private void AnswerIfDone()
    {
        // A window's answer may overtake its entity's, so the second count may be below 0 for a while.
        if (_awaitedEntities != 0 || _awaitedWindows != 0)
            return;
        var counters = new PipelineCounters(_unclaimed, _rejected, _late, 0, _assembler.Skipped, 0, _entities.Count)
        {
            Sockets = _assembler.Sockets,
            WaitingConnections = _busy,
        };
        _asker.Tell(new CorrelationBatch(_correlations, _watermarkNs, counters) { Attempts = _attempts, Halves = _halves });
        _correlations = [];
        _attempts = [];
        _halves = [];
        _asker = ActorRefs.Nobody;
    }

    private sealed class Entity(ConnectionKey key, IActorRef actor) : IScheduled
    {
        internal ConnectionKey Key => key;
        internal IActorRef Actor => actor;
        internal bool IsIdle { get; set; }

        /// <summary>The kernel showed it.</summary>
        internal bool IsSeen { get; set; }
        internal long LastNs { get; set; }

        /// <inheritdoc/>
        public long ScheduledNs { get; set; } = long.MaxValue;
    }

    private sealed class Share
    {
        internal List<ConnectionFact> Facts { get; } = [];
        internal List<Requests.TimedRecord> Records { get; } = [];
    }
}

/// <summary>Asks a shard what it knows of one of its connections.</summary>
public sealed record AskConnection(ConnectionKey Connection);

/// <summary>What a shard knows of a connection.</summary>
/// <param name="Connection">Which.</param>
/// <param name="WatermarkNs">Everything up to here is worked off: CLOCK_MONOTONIC nanoseconds.</param>
/// <param name="IsBusy">Something of it is not decided yet.</param>
/// <param name="Coverage">What the kernel's evidence covers by then.</param>
public sealed record ConnectionAnswer(ConnectionKey Connection, long WatermarkNs, bool IsBusy, Coverage Coverage);
