using CrossLayer.Actors.Connections;
using CrossLayer.Actors.Requests;

namespace CrossLayer.Actors.Correlations;

/// <summary>One request on a connection, as far as matching needs to know it.</summary>
internal sealed class WindowSlot(int number)
{
    /// <summary>Names the window among those of its connection.</summary>
    internal int Number => number;

    internal ExchangeSide? Client { get; private set; }
    internal ExchangeSide? Server { get; private set; }
    internal TimedRecord? ClientRecord { get; private set; }
    internal TimedRecord? ServerRecord { get; private set; }

    /// <summary>A record that might be this request's waits until then for a better candidate.</summary>
    internal long HeldUntilNs { get; set; }

    /// <summary>A record fitted this window and others equally well.</summary>
    internal bool Contested { get; set; }

    internal static WindowSlot For(int number, ExchangeOpened opened)
    {
        var slot = new WindowSlot(number);
        slot.Open(opened);
        return slot;
    }

    internal void Open(ExchangeOpened opened)
    {
        var side = new ExchangeSide(opened.Id, opened.TimeNs, opened.RequestStart);
        if (opened.Id.IsServer)
            Server = side;
        else
            Client = side;
    }

    internal void Attach(TimedRecord record)
    {
        if (record.Record.Role == RequestRole.Server)
            ServerRecord = record;
        else
            ClientRecord = record;
    }

    internal bool HasRecordOf(RequestRole role) => (role == RequestRole.Server ? ServerRecord : ClientRecord) is not null;

    /// <summary>The kernel's view at the socket of the role, else at the other end.</summary>
    internal ExchangeSide? Side(RequestRole role) => role == RequestRole.Server ? Server ?? Client : Client ?? Server;

    /// <summary>The same request seen from the other socket: same first byte (an older active socket counts one more).</summary>
    internal bool Pairs(ExchangeOpened opened)
    {
        var (own, other) = opened.Id.IsServer ? (Server, Client) : (Client, Server);
        return own is null && other is not (null or { Exchange.ConnectError: not null }) && Math.Abs(other.RequestStart - opened.RequestStart) <= 1;
    }

    /// <summary>The window stays open while an exchange goes on, then for the settle time after what came last.</summary>
    internal long DeadlineNs(long settleNs)
    {
        if (Client is { Exchange: null } || Server is { Exchange: null })
            return long.MaxValue;
        var last = Math.Max(Client?.Exchange?.LastNs ?? 0, Server?.Exchange?.LastNs ?? 0);
        last = Math.Max(last, Math.Max(ClientRecord?.EndNs ?? 0, ServerRecord?.EndNs ?? 0));
        return Math.Max(HeldUntilNs, last + settleNs);
    }
}

/// <summary>An exchange of a slot, still going on or settled.</summary>
internal sealed class ExchangeSide(ExchangeId id, long openedNs, long requestStart)
{
    internal ExchangeId Id => id;
    internal long RequestStart => requestStart;
    internal Exchange? Exchange { get; set; }
    internal long StartNs => Exchange?.FirstNs ?? openedNs;
    internal long EndNs => Exchange?.LastNs ?? long.MaxValue;
}
