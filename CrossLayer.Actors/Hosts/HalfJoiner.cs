using System.Globalization;
using CrossLayer.Actors.Connections;
using CrossLayer.Actors.Correlations;

namespace CrossLayer.Actors.Hosts;

/// <summary>
/// Brings the halves of requests together that two hosts have each one of, in whatever order and however often they come. Plain
/// state: the time is what it is given, and no verdict depends on it, only when one is made without the other half.
/// </summary>
public sealed class HalfJoiner
{
    private readonly CorrelationSettings _settings;
    private readonly int _most;
    private readonly Dictionary<ConnectionKey, List<PendingHalf>> _connections = [];
    private readonly Dictionary<HalfId, PendingHalf> _byId = [];
    private readonly Dictionary<(string Client, string Server), HostPairClock> _clocks = [];

    /// <param name="settings">How requests are correlated.</param>
    /// <param name="most">Halves that may wait at one time.</param>
    public HalfJoiner(CorrelationSettings settings, int most)
    {
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(most);
        (_settings, _most) = (settings, most);
    }

    /// <summary>Halves that wait for their other.</summary>
    public int Waiting => _byId.Count;

    /// <summary>How the clocks of two hosts stand to each other, for those between which there was traffic.</summary>
    public IReadOnlyDictionary<(string Client, string Server), HostPairClock> Clocks => _clocks;

    /// <summary>Takes in a half.</summary>
    /// <param name="id">Its name; one that waits already is not taken again.</param>
    /// <param name="half">The half.</param>
    /// <param name="nowMs">Now, on a clock of the caller's.</param>
    /// <returns>The request, if its other half was there and has the same bytes.</returns>
    public JoinedRequest? Add(HalfId id, RequestHalf half, long nowMs)
    {
        ArgumentNullException.ThrowIfNull(half);
        if (_byId.ContainsKey(id))
            return null;
        var pending = new PendingHalf(id, half, nowMs);
        if (OthersOf(pending).FirstOrDefault(other => HalfJoin.IsSame(other.Half, half)) is { } same)
            return Join(half.IsServer ? [same] : [pending], half.IsServer ? [pending] : [same], shared: false);
        if (!_connections.TryGetValue(half.Connection, out var halves))
            _connections.Add(half.Connection, halves = []);
        halves.Add(pending);
        _byId.Add(id, pending);
        return null;
    }

    /// <summary>Halves that have waited for so long, or are too many: their other end's host is to be asked. Each is given once in that time.</summary>
    public IReadOnlyList<PendingHalf> TakeDue(long nowMs, TimeSpan wait)
    {
        var due = _byId.Values.Where(pending => nowMs - pending.AskedMs >= wait.TotalMilliseconds).ToList();
        if (_byId.Count > _most)
            due.AddRange(_byId.Values.Except(due).OrderBy(pending => pending.SinceMs).Take(_byId.Count - _most));
        foreach (var pending in due)
            pending.AskedMs = nowMs;
        return due;
    }

    /// <summary>Decides a half, since the other end's host has told all that it will: with what there is of it, or alone.</summary>
    /// <param name="id">Which; nothing happens if it waits no more.</param>
    /// <param name="view">What the other end's host says.</param>
    /// <param name="gap">Why its evidence is cut off.</param>
    /// <param name="wallAheadNs">By how much its wall clock is ahead of its monotonic clock, if it told.</param>
    /// <returns>What was decided: several requests, where the other end cut the same bytes into more; none while it is still worth waiting.</returns>
    public IReadOnlyList<JoinedRequest> Conclude(HalfId id, PeerView view, string? gap, long? wallAheadNs)
    {
        if (view == PeerView.Busy || !_byId.TryGetValue(id, out var pending))
            return [];
        var others = OthersOf(pending).Where(other => HalfJoin.Overlap(other.Half, pending.Half)).ToList();
        return others.Count == 0 ? [Alone(pending, view, gap, wallAheadNs)] : Resolve(pending, others);
    }

    private JoinedRequest Alone(PendingHalf pending, PeerView view, string? gap, long? wallAheadNs)
    {
        Remove(pending);
        var (id, half) = (pending.Id, pending.Half);
        var (client, server) = half.IsServer ? (half.PeerHost, id.Host) : (id.Host, half.PeerHost);
        var (window, closing) = HalfJoin.Alone(half, ClockOf(client, server), wallAheadNs);
        var other = half.IsServer ? half.Ends.Client : half.Ends.Server;
        var why = view == PeerView.CutOff ? $"what the kernel of {other} saw is not to be had: {gap ?? "its host does not answer"}"
            : HalfJoin.ProvesOtherEnd(half) ? $"the host of {other} is watched and saw no such request: addresses are translated on the way, "
                + "its probe does not watch the port, or it saw only a part of the connection"
            : null;
        var correlation = Correlate(window, closing);
        if (why is not null && correlation is not null)
            correlation = correlation with { Finding = Finding.Inconclusive(why), EvidenceComplete = false };
        return new JoinedRequest([id], server, correlation);
    }

    /// <summary>
    /// The ends cut the same bytes differently, since only who has records knows where requests end (100-continue, pipelining, tunnels): each
    /// record takes what the other end has of its bytes, and shares what reaches further.
    /// </summary>
    private List<JoinedRequest> Resolve(PendingHalf pending, List<PendingHalf> others)
    {
        var peers = OthersOf(others[0]).Where(peer => peer == pending || others.Exists(other => HalfJoin.Overlap(other.Half, peer.Half))).ToList();
        var all = peers.Concat(others).ToList();
        var reported = all.Where(half => half.Half.Window.Record is not null).OrderBy(half => half.Half.Exchange?.Request.Start ?? 0).ToList();
        var isReported = reported.Count > 0;
        if (!isReported)
            reported.Add(all[0]);
        var requests = new List<JoinedRequest>();
        while (reported.Count > 0)
        {
            var one = reported[0];
            var parts = all.Where(half => half.Half.IsServer != one.Half.IsServer && HalfJoin.Overlap(half.Half, one.Half)).ToList();
            // Where the other end reports as well, it is the one that begins where this one does.
            var twin = parts.Find(half => half.Half.Window.Record is not null && HalfJoin.BeginAlike(half.Half, one.Half));
            parts = [.. parts.Where(half => half == twin || half.Half.Window.Record is null)];
            reported.Remove(one);
            if (twin is not null)
                reported.Remove(twin);
            var shared = isReported && parts.Exists(part => HalfJoin.ReachesFurther(part.Half, one.Half));
            requests.Add(parts.Count == 0 ? Alone(one, PeerView.Nothing, null, null) : Join(one.Half.IsServer ? parts : [one], one.Half.IsServer ? [one] : parts, shared));
        }

        // What no request took is nobody's, and told to be done with.
        HalfId[] rest = [.. all.Where(half => _byId.ContainsKey(half.Id)).Select(half => half.Id)];
        foreach (var half in all)
            Remove(half);
        if (rest.Length > 0)
            requests.Add(new JoinedRequest(rest, requests[0].Owner, null));
        return requests;
    }

    private JoinedRequest Join(List<PendingHalf> clients, List<PendingHalf> servers, bool shared)
    {
        var (client, server) = (HalfJoin.Whole([.. clients.Select(half => half.Half)]), HalfJoin.Whole([.. servers.Select(half => half.Half)]));
        var (window, closing) = HalfJoin.Both(client, server, ClockOf(clients[0].Id.Host, servers[0].Id.Host), shared);
        var halves = clients.Concat(servers).ToList();
        // One that reaches further is kept for the others.
        foreach (var half in halves.Where(half => !shared || half.Half.Window.Record is not null))
            Remove(half);
        return new JoinedRequest([.. halves.Where(half => !_byId.ContainsKey(half.Id)).Select(half => half.Id)], servers[0].Id.Host, Correlate(window, closing));
    }

    private Correlation? Correlate(RequestWindow window, CloseWindow closing) =>
        window.IsWorthCorrelating(closing) ? Correlator.Correlate(window, closing, _settings) : null;

    /// <summary>Those of the same connection's other end that may be of the same use of the tuple, oldest first.</summary>
    private IEnumerable<PendingHalf> OthersOf(PendingHalf pending)
    {
        if (!_connections.TryGetValue(pending.Half.Connection, out var halves))
            return [];
        return halves.Where(other => other.Half.IsServer != pending.Half.IsServer && other.Id.Host != pending.Id.Host
            && (pending.Half.IsServer ? MayMeet(other, pending) : MayMeet(pending, other)));
    }

    private bool MayMeet(PendingHalf client, PendingHalf server) =>
        HalfJoin.MayBeOfOneConnection(client.Half, server.Half, ClockOf(client.Id.Host, server.Id.Host));

    private HostPairClock ClockOf(string client, string server)
    {
        if (!_clocks.TryGetValue((client, server), out var clock))
            _clocks.Add((client, server), clock = new HostPairClock());
        return clock;
    }

    private void Remove(PendingHalf pending)
    {
        _byId.Remove(pending.Id);
        var connection = pending.Half.Connection;
        if (!_connections.TryGetValue(connection, out var halves))
            return;
        halves.Remove(pending);
        if (halves.Count == 0)
            _connections.Remove(connection);
    }
}

/// <summary>A half that waits for its other.</summary>
public sealed class PendingHalf(HalfId id, RequestHalf half, long sinceMs)
{
    /// <summary>Its name.</summary>
    public HalfId Id => id;

    /// <summary>The half.</summary>
    public RequestHalf Half => half;

    /// <summary>Since when it waits.</summary>
    public long SinceMs { get; } = sinceMs;

    /// <summary>How long it has waited, here and before it came here, in milliseconds.</summary>
    internal long WaitedMs(long nowMs) => half.WaitedMs + nowMs - SinceMs;

    /// <summary>How long ago it began, in milliseconds: at least so long.</summary>
    internal long AgeMs(long nowMs) => half.AgeMs + nowMs - SinceMs;

    /// <summary>When its other end's host was last asked; at first, since when it waits.</summary>
    internal long AskedMs { get; set; } = sinceMs;

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Id.Host} #{Id.Number}");
}
