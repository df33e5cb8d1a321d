using CrossLayer.Actors.Connections;
using CrossLayer.Actors.Requests;

namespace CrossLayer.Actors.Correlations;

/// <summary>Numbers the windows of a tuple and says what each holds when it closes.</summary>
internal sealed class WindowEmitter(RecordQueue records, long dueNs, long latenessNs)
{
    private Coverage _coverage = Coverage.None;
    private Action<int, WindowMessage> _emit = (_, _) => { };
    private int _next;

    internal void Begin(Coverage coverage, Action<int, WindowMessage> emit) => (_coverage, _emit) = (coverage, emit);

    /// <summary>A request, with the records that it has.</summary>
    internal void Close(RequestSlot slot, long nowNs)
    {
        var window = _next++;
        var (client, server) = (slot.ClientRecord, slot.ServerRecord);
        var (serverView, clientView) = slot.Id.IsServer ? (slot.Traced, slot.ClientView) : (null, slot.Traced);
        var ordinal = slot.Ordinal > 0 ? slot.Ordinal : slot.Id.Ordinal;
        if (clientView is not null)
            _emit(window, new AddExchange(At(ordinal, clientView.Exchange)));
        if (serverView is not null)
            _emit(window, new AddExchange(At(ordinal, serverView.Exchange)));
        if (client is not null)
            _emit(window, new AddRecord(client.Record, client.Match));
        if (server is not null)
            _emit(window, new AddRecord(server.Record, server.Match));
        var birth = slot.Birth;
        var handshake = birth.IsTls && client is null && server is null && slot.Ordinal > 0
            && slot.Ordinal <= (birth.HandshakeTurns ?? ConnectionBirth.MostHandshakeTurns);
        var reporters = handshake || birth.IsTunnel || birth.IsShared || slot.IsContested || MayBeUntimed ? Roles.None : Reporters(slot, nowNs);
        _emit(window, new CloseWindow(nowNs < long.MaxValue ? nowNs : EndOf(slot), _coverage, reporters));
    }

    /// <summary>A request without an answer that nobody has reported by now: who looks for retries hears of it at once.</summary>
    internal void NoteAttempt(RequestSlot slot, long nowNs)
    {
        var window = _next++;
        if (slot.Id.IsServer && slot.ClientView is { } view)
            _emit(window, new AddExchange(view.Exchange));
        _emit(window, new AddExchange(slot.Traced!.Exchange));
        _emit(window, new CloseWindow(nowNs < long.MaxValue ? nowNs : EndOf(slot), _coverage, Roles.None) { IsAttempt = true });
    }

    /// <summary>A record that found no request.</summary>
    internal void CloseAlone(WaitingRecord waiting, long nowNs, bool connectionSeen)
    {
        var window = _next++;
        records.Remove(waiting);
        _emit(window, new AddRecord(waiting.Record, new Match(MatchMethod.None, waiting.Contenders, 0)));
        _emit(window, new CloseWindow(nowNs < long.MaxValue ? nowNs : EndOf(waiting), _coverage, Roles.None)
        {
            Orphan = waiting.IsLate ? Orphan.Late : connectionSeen ? Orphan.ConnectionSeen : Orphan.None,
        });
    }

    /// <summary>A request that shares its connection: what passed in its time is evidence for it, and for others as well.</summary>
    internal void CloseShared(WaitingRecord waiting, Exchange? client, Exchange? server, int candidates, long nowNs)
    {
        var window = _next++;
        records.Remove(waiting);
        // Bytes cannot bring both ends' records together here: the application's own name for the request can.
        var other = records.All.FirstOrDefault(other => other.Record.Record.SharesConnection && other.Record.Record.Role != waiting.Record.Record.Role
            && other.Record.Record.RequestId == waiting.Record.Record.RequestId && other.Record.StartNs <= waiting.Record.EndNs && other.Record.EndNs >= waiting.Record.StartNs);
        if (client is not null)
            _emit(window, new AddExchange(client with { Shared = true }));
        if (server is not null)
            _emit(window, new AddExchange(server with { Shared = true }));
        var match = client is null && server is null ? Match.None : new Match(MatchMethod.TupleTime, candidates, MatchConfidence.Shared);
        _emit(window, new AddRecord(waiting.Record, match));
        if (other is not null)
        {
            records.Remove(other);
            _emit(window, new AddRecord(other.Record, match));
        }

        _emit(window, new CloseWindow(nowNs < long.MaxValue ? nowNs : EndOf(waiting), _coverage, Roles.None));
    }

    /// <summary>Records without a time wait: a request that nobody else reports may be theirs, alone.</summary>
    internal bool MayBeUntimed => records.Untimed > 0;

    /// <summary>
    /// Who is known to report requests like this one: who has reported one of the tuple, or of the server's endpoint, that was over before,
    /// and not so shortly before no more records were taken that its record may have been on its way.
    /// </summary>
    internal Roles Reporters(RequestSlot slot, long nowNs)
    {
        var exchange = slot.Traced!.Exchange;
        var endNs = exchange.ResponseEndNs ?? slot.LastNs;
        if (records.InDoubt > 0 || endNs > _coverage.RecordsEndNs - latenessNs)
            return Roles.None;
        var knownNs = Math.Min(nowNs - latenessNs, endNs);
        var server = Math.Min(records.ReportsSinceNs(RequestRole.Server), _coverage.ServerReportsSinceNs(exchange.IsServer ? exchange.Local : exchange.Peer));
        return (records.ReportsSinceNs(RequestRole.Client) <= knownNs ? Roles.Client : Roles.None) | (server <= knownNs ? Roles.Server : Roles.None);
    }

    /// <summary>Mostly it is as it was: an exchange is no small copy.</summary>
    private static Exchange At(int ordinal, Exchange exchange) => exchange.Ordinal == ordinal ? exchange : exchange with { Ordinal = ordinal };

    /// <summary>At the end of all input a window closes when it would have.</summary>
    private long EndOf(RequestSlot slot) => slot.IsHeld ? slot.AgainNs
        : Math.Max(slot.LastNs, Math.Max(slot.ClientRecord?.Record.EndNs ?? 0, slot.ServerRecord?.Record.EndNs ?? 0)) + dueNs;

    private static long EndOf(WaitingRecord waiting) => waiting.AgainNs > 0 ? waiting.AgainNs : long.MaxValue;
}
