using Akka.Actor;
using CrossLayer.Actors.Correlations;
using CrossLayer.Actors.Hosts;

namespace CrossLayer.Actors.Cluster;

/// <summary>
/// One lane of the requests that cross hosts, a sharded entity: joins their halves (<see cref="HalfJoiner"/>) and gives each request to the
/// host that reports it. What it knows is in memory alone: hosts send again what nobody has settled, and where the lane is moved or its
/// host dies, the next one begins anew.
/// </summary>
public sealed class LaneActor : ReceiveActor, IWithTimers
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan ResendAfter = TimeSpan.FromSeconds(2);
    private const int MostAsked = 1000;

    private readonly ClusterSettings _settings;
    private readonly Func<string, bool> _isMember;
    private readonly TimeProvider _time;
    private readonly HalfJoiner _joiner;
    private readonly Dictionary<string, IActorRef> _hosts = [];
    private readonly Dictionary<HalfId, Decided> _decided = [];
    private readonly Dictionary<HalfId, HalfId> _firstOf = [];
    private readonly Dictionary<long, Question> _questions = [];
    private readonly RecentSet<HalfId> _settled = new();
    private long _question;

    /// <summary>Made by <see cref="Props"/>.</summary>
    public LaneActor(CorrelationSettings correlation, ClusterSettings settings, Func<string, bool> isMember, TimeProvider time)
    {
        (_settings, _isMember, _time) = (settings, isMember, time);
        _joiner = new HalfJoiner(correlation, Math.Max(1, settings.MaxHalves / settings.Lanes));
        Receive<HalfBatch>(Take);
        Receive<JoinedTaken>(Settle);
        Receive<PeerAnswer>(Answered);
        Receive<Tick>(_ => Work());
    }

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    private long NowMs => (long)_time.GetElapsedTime(0).TotalMilliseconds;

    /// <param name="correlation">How requests are correlated.</param>
    /// <param name="settings">The cluster's.</param>
    /// <param name="isMember">Whether a host's run is a member of the cluster still.</param>
    /// <param name="time">Tells how long something has waited.</param>
    public static Props Props(CorrelationSettings correlation, ClusterSettings settings, Func<string, bool> isMember, TimeProvider time) =>
        Akka.Actor.Props.Create(() => new LaneActor(correlation, settings, isMember, time));

    /// <inheritdoc/>
    protected override void PreStart() => Timers.StartPeriodicTimer(nameof(Tick), Tick.Instance, Interval);

    private void Take(HalfBatch batch)
    {
        _hosts[batch.Host] = Sender;
        var settled = new List<long>();
        foreach (var half in batch.Halves)
        {
            var id = new HalfId(batch.Host, half.Number);
            if (_settled.Contains(id))
                settled.Add(half.Number);
            else if (!_firstOf.ContainsKey(id) && _joiner.Add(id, half, NowMs) is { } joined)
                Decide(joined);
        }

        if (settled.Count > 0)
            Sender.Tell(new HalvesSettled(settled));
    }

    private void Decide(JoinedRequest request)
    {
        var first = request.Halves[0];
        foreach (var id in request.Halves)
            _firstOf[id] = first;
        if (request.Correlation is null)
            Settle(request);
        else
            _decided[first] = new Decided(request, NowMs);
    }

    private void Settle(JoinedTaken taken)
    {
        foreach (var first in taken.First)
            if (_decided.Remove(first, out var decided))
                Settle(decided.Request);
    }

    private void Settle(JoinedRequest request)
    {
        foreach (var halves in request.Halves.GroupBy(id => id.Host))
            if (_hosts.TryGetValue(halves.Key, out var host))
                host.Tell(new HalvesSettled([.. halves.Select(id => id.Number)]));
        foreach (var id in request.Halves)
        {
            _firstOf.Remove(id);
            _settled.Add(id, NowMs);
        }
    }

    private void Work()
    {
        var now = NowMs;
        foreach (var (number, question) in _questions.Where(pair => now - pair.Value.AtMs > AnswerTimeout.TotalMilliseconds).ToList())
        {
            _questions.Remove(number);
            // Question or answer may have got lost, as messages to a host do that has just crashed, or that could not be reached for a moment.
            if (_isMember(question.Host))
                continue;
            foreach (var id in question.Halves)
                Conclude(id, PeerView.CutOff, null, null);
        }

        foreach (var due in _joiner.TakeDue(now, _settings.AskAfter).GroupBy(pending => pending.Half.PeerHost))
            foreach (var some in due.Chunk(MostAsked))
                Ask(due.Key, some);
        Send(now);
        _settled.Forget(now, _settings.GiveUpAfter);
    }

    private void Ask(string host, IReadOnlyList<PendingHalf> halves)
    {
        var tooLong = halves.Where(half => half.WaitedMs(NowMs) > _settings.GiveUpAfter.TotalMilliseconds).ToList();
        foreach (var half in tooLong)
            Conclude(half.Id, PeerView.CutOff, "its host did not come to an end with the connection in time", null);
        var asked = halves.Except(tooLong).ToList();
        if (asked.Count == 0)
            return;
        _questions.Add(++_question, new Question(host, [.. asked.Select(half => half.Id)], NowMs));
        TellHost(host, new AskPeer(_question, [.. asked.Select(half => (half.Half.Connection, half.AgeMs(NowMs)))]));
    }

    private void Answered(PeerAnswer answer)
    {
        if (!_questions.Remove(answer.Number, out var question))
            return;
        foreach (var (id, (view, gap)) in question.Halves.Zip(answer.Views))
            Conclude(id, view, gap, answer.WallAheadNs);
    }

    private void Conclude(HalfId id, PeerView view, string? gap, long? wallAheadNs)
    {
        foreach (var request in _joiner.Conclude(id, view, gap, wallAheadNs))
            Decide(request);
    }

    /// <summary>Gives each host what it is to report, again where it has not said that it has it.</summary>
    private void Send(long now)
    {
        foreach (var (first, _) in _decided.Where(pair => now - pair.Value.SinceMs > _settings.GiveUpAfter.TotalMilliseconds).ToList())
        {
            // Its host is gone, or cut off from here; who sent the halves keeps them, and gives them up by himself.
            _decided.Remove(first, out var lost);
            foreach (var id in lost!.Request.Halves)
                _firstOf.Remove(id);
        }

        foreach (var owned in _decided.Values.Where(decided => now - decided.SentMs > ResendAfter.TotalMilliseconds).GroupBy(decided => decided.Request.Owner))
            foreach (var some in owned.Chunk(MostAsked))
            {
                foreach (var decided in some)
                    decided.SentMs = now;
                TellHost(owned.Key, new JoinedBatch([.. some.Select(decided => decided.Request)]));
            }
    }

    private void TellHost(string host, ClusterMessage message)
    {
        if (_hosts.TryGetValue(host, out var known))
            known.Tell(message);
        else
            Context.ActorSelection(HostName.LinkOf(host)).Tell(message);
    }

    private sealed class Decided(JoinedRequest request, long sinceMs)
    {
        internal JoinedRequest Request => request;
        internal long SinceMs { get; } = sinceMs;
        internal long SentMs { get; set; } = long.MinValue / 2;
    }

    private sealed record Question(string Host, IReadOnlyList<HalfId> Halves, long AtMs);

    private sealed record Tick : INoSerializationVerificationNeeded
    {
        internal static Tick Instance { get; } = new();
    }
}
