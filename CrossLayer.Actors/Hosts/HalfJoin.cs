using CrossLayer.Actors.Connections;
using CrossLayer.Actors.Correlations;

namespace CrossLayer.Actors.Hosts;

/// <summary>Whether two halves are of one request, and what they are together. Pure.</summary>
internal static class HalfJoin
{
    /// <summary>How far the ends' times may lie apart beside what their clocks' difference is known to, before they are of different connections.</summary>
    private static readonly long ApartNs = (long)TimeSpan.FromSeconds(2).TotalNanoseconds;

    /// <summary>The same request, beyond doubt: the same bytes of the same connection; where several share its bytes, the same name.</summary>
    internal static bool IsSame(RequestHalf one, RequestHalf other)
    {
        if (one.Exchange is not { Shared: false } mine || other.Exchange is not { Shared: false } theirs)
            return one.Window.Record is { } record && record.Record.RequestId == other.Window.Record?.Record.RequestId;
        // Of bytes that neither reports, either may hold what several share.
        return (one.Window.Record ?? other.Window.Record) is not null && mine.Request == theirs.Request && mine.ConnectError is null == theirs.ConnectError is null;
    }

    /// <summary>The same first byte of the request.</summary>
    internal static bool BeginAlike(RequestHalf one, RequestHalf other) =>
        one.Exchange is { } mine && other.Exchange is { } theirs && mine.Request.Start == theirs.Request.Start;

    /// <summary>They have bytes in common, or one begins where the other does.</summary>
    internal static bool Overlap(RequestHalf one, RequestHalf other) => one.Exchange is { } mine && other.Exchange is { } theirs
        && (BeginAlike(one, other) || mine.Request.Contains(theirs.Request.Start) || theirs.Request.Contains(mine.Request.Start));

    /// <summary>A part holds bytes of other requests too.</summary>
    internal static bool ReachesFurther(RequestHalf part, RequestHalf request) => part.Exchange is { } theirs && request.Exchange is { } mine
        && (mine.Shared || theirs.Request.Start < mine.Request.Start || (theirs.Request.End > mine.Request.End && theirs.Response.End > mine.Response.End));

    /// <summary>What one end has of a request in several pieces, as one.</summary>
    internal static RequestHalf Whole(IReadOnlyList<RequestHalf> pieces)
    {
        var ordered = pieces.OrderBy(piece => piece.Exchange?.Request.Start ?? 0).ThenBy(piece => piece.Exchange?.FirstNs ?? 0).ToList();
        var whole = ordered[0];
        foreach (var next in ordered.Skip(1))
        {
            var exchange = new TracedExchange(whole.Exchange!, ExchangeMarks.Empty).Join(new TracedExchange(next.Exchange!, ExchangeMarks.Empty)).Exchange;
            whole = whole with
            {
                Window = exchange.IsServer
                    ? new RequestWindow { ServerExchange = exchange }.And(whole.Window).And(next.Window)
                    : new RequestWindow { ClientExchange = exchange }.And(whole.Window).And(next.Window),
                Closing = whole.Closing with
                {
                    AtNs = Math.Max(whole.Closing.AtNs, next.Closing.AtNs),
                    Coverage = whole.Closing.Coverage.And(next.Closing.Coverage),
                    Reporters = whole.Closing.Reporters | next.Closing.Reporters,
                },
            };
        }

        return whole;
    }

    /// <summary>Where the clocks' difference is known, connections that reuse a tuple one after the other are told apart by time.</summary>
    internal static bool MayBeOfOneConnection(RequestHalf client, RequestHalf server, HostPairClock clock)
    {
        if (clock.Clock is null || client.Exchange is not { } mine || server.Exchange is not { } theirs)
            return true;
        var (ahead, error) = clock.Clock.At(theirs.FirstNs);
        return mine.FirstNs + ahead - error - ApartNs <= theirs.LastNs && theirs.FirstNs <= mine.LastNs + ahead + error + ApartNs;
    }

    /// <summary>The client's views on the server's clock, and the server's.</summary>
    internal static (RequestWindow Window, CloseWindow Closing) Both(RequestHalf client, RequestHalf server, HostPairClock clock, bool shared)
    {
        var aheadNs = AheadNs(client, clock.Learn(client.Exchange, server.Exchange), server.WallAheadNs);
        var window = server.Window.And(client.Window.Shifted(aheadNs));
        // Who has the records knows best how many there were before.
        var ordinal = window is { ServerRecord: null, ClientRecord: not null } ? window.ClientExchange?.Ordinal : window.ServerExchange?.Ordinal;
        window = window with
        {
            ClientExchange = window.ClientExchange is { } mine ? mine with { Ordinal = ordinal ?? mine.Ordinal, Shared = mine.Shared || shared } : null,
            ServerExchange = window.ServerExchange is { } theirs ? theirs with { Ordinal = ordinal ?? theirs.Ordinal, Shared = theirs.Shared || shared } : null,
        };
        var closing = server.Closing with
        {
            AtNs = Math.Max(server.Closing.AtNs, client.Closing.AtNs + aheadNs),
            Coverage = server.Closing.Coverage.And(client.Closing.Coverage.Shifted(aheadNs)),
            Reporters = server.Closing.Reporters | client.Closing.Reporters,
            Orphan = window is { ClientExchange: null, ServerExchange: null } ? (Orphan)Math.Max((int)server.Closing.Orphan, (int)client.Closing.Orphan) : Orphan.None,
        };
        return (window, closing);
    }

    /// <summary>One half alone, on the server's clock.</summary>
    internal static (RequestWindow Window, CloseWindow Closing) Alone(RequestHalf half, HostPairClock clock, long? peerWallAheadNs)
    {
        if (half.IsServer)
            return (half.Window, half.Closing);
        var aheadNs = AheadNs(half, clock.Learn(half.Exchange, null), peerWallAheadNs);
        return (half.Window.Shifted(aheadNs), half.Closing with { AtNs = half.Closing.AtNs + aheadNs, Coverage = half.Closing.Coverage.Shifted(aheadNs) });
    }

    /// <summary>Data came through in both directions, or was acknowledged: the other end's kernel has seen it, unless it was not this connection.</summary>
    internal static bool ProvesOtherEnd(RequestHalf half) => half switch
    {
        { IsServer: false } => half.Exchange is { ConnectError: null } client && (client.Response.Length > 0 || client.AckedNs is not null),
        _ => half.Exchange is { Request.Length: > 0, AckedNs: not null },
    };

    /// <summary>Traffic tells best; where none has yet, the wall clocks do, as far as they agree.</summary>
    private static long AheadNs(RequestHalf client, (long AheadNs, long? ErrorNs)? learned, long? serverWallAheadNs) =>
        learned?.AheadNs ?? (client.WallAheadNs is { } mine && serverWallAheadNs is { } theirs ? mine - theirs : 0);
}
