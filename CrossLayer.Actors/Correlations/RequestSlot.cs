using CrossLayer.Actors.Connections;
using CrossLayer.Actors.Requests;

namespace CrossLayer.Actors.Correlations;

/// <summary>
/// One request on a connection, as far as matching needs to know it: the server's exchange where its socket is in sight,
/// else the client's. It goes on until <see cref="Settle"/>.
/// </summary>
internal sealed class RequestSlot(ConnectionBirth birth, ExchangeId id, long openedNs, long requestStart, int ordinal) : IScheduled
{
    private TracedExchange? _clientView;
    private bool _clientViewKnown;

    internal ConnectionBirth Birth => birth;
    internal ExchangeId Id => id;
    internal long RequestStart => requestStart;

    /// <summary>1 for the first request of the connection; 0 if the connection was not seen from its start.</summary>
    internal int Ordinal { get; set; } = ordinal;

    internal TracedExchange? Traced { get; private set; }

    /// <summary>Only the client's socket shows it: how it began there.</summary>
    internal ExchangeOpened? ClientOpened { get; init; }

    /// <summary>
    /// The exchange at the client's socket, for a slot that stands for the server's: what is over of it, as long as it goes on.
    /// </summary>
    internal TracedExchange? ClientView
    {
        get
        {
            if (_clientViewKnown || !id.IsServer || Traced is not { } traced)
                return _clientView;
            _clientView = birth.ClientViewOf(traced.Exchange);
            _clientViewKnown = !birth.ClientGoesOn(this);
            return _clientView;
        }
    }

    /// <summary>It was due and is waited with (<see cref="HeldRequests"/>).</summary>
    internal bool IsHeld { get; set; }

    /// <summary>The client's record, once it is found.</summary>
    internal MatchedRecord? ClientRecord { get; private set; }

    /// <summary>The server's record, once it is found.</summary>
    internal MatchedRecord? ServerRecord { get; private set; }

    /// <summary>One end's record is found, or both are.</summary>
    internal bool IsClaimed => (ClientRecord ?? ServerRecord) is not null;

    /// <summary>It is held, and is no part of something longer: a later request of its connection was reported, or it was at one end.</summary>
    internal bool IsPassed { get; set; }

    /// <summary>It is looked at again then, though it was due before; 0 if it was not looked at.</summary>
    internal long AgainNs { get; set; }

    /// <summary>A record fitted this request and others equally well.</summary>
    internal bool IsContested { get; set; }

    /// <summary>
    /// The ends of which a record that fitted this request and others was let go: what is left of that end may look plain, and is not.
    /// </summary>
    internal Roles LostRivals { get; set; }

    /// <summary>Its window has closed, or others stand in its place.</summary>
    internal bool IsGone { get; set; }

    /// <inheritdoc/>
    public long ScheduledNs { get; set; } = long.MaxValue;

    internal long StartNs => Traced?.Exchange.FirstNs ?? openedNs;

    internal long LastNs => Traced is null ? long.MaxValue : Math.Max(Traced.Exchange.LastNs, birth.ClientLastNs(this));

    internal bool IsSettled => Traced is not null;

    internal void Settle(TracedExchange traced) => Traced = traced;

    /// <summary>True if the record of that end is found.</summary>
    internal bool IsClaimedBy(RequestRole role) => (role == RequestRole.Server ? ServerRecord : ClientRecord) is not null;

    /// <summary>Takes the records that are its own.</summary>
    internal void Take(MatchedRecord? client, MatchedRecord? server) => (ClientRecord, ServerRecord) = (client ?? ClientRecord, server ?? ServerRecord);

    internal bool OverlapsRequestOf(Exchange exchange) => requestStart == exchange.Request.Start
        || (requestStart < exchange.Request.End && (Traced is null || Traced.Exchange.Request.End > exchange.Request.Start));

    /// <summary>As the records of a role see it.</summary>
    internal Turn ToTurn(bool serverRole)
    {
        var own = serverRole == id.IsServer ? Traced : serverRole ? null : ClientView;
        var seen = (own ?? Traced)?.Exchange;
        if (seen is null)
            return new Turn(openedNs, openedNs, long.MaxValue, 0, 0, IsKnown: false, birth.Number, Ordinal, CookieOf(serverRole), IsOptional: false);
        return new Turn(
            seen.RequestStartNs ?? seen.ResponseStartNs ?? seen.FirstNs, seen.ResponseEndNs ?? seen.RequestEndNs ?? seen.LastNs, LastNs,
            seen.Request.Length, seen.Response.Length, IsKnown: true, birth.Number, Ordinal, CookieOf(serverRole),
            IsOptional: birth.IsTls && Ordinal > 0 && Ordinal <= (birth.HandshakeTurns ?? ConnectionBirth.MostHandshakeTurns))
        {
            IsTaken = (serverRole ? ServerRecord : ClientRecord) is not null,
            IsWhole = IsClaimed,
        };
    }

    private ulong? CookieOf(bool serverRole) =>
        serverRole == id.IsServer ? id.SocketCookie : serverRole ? birth.ServerCookie : birth.ClientCookie;
}
