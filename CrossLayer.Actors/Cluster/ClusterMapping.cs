using System.Collections.Immutable;
using CrossLayer.Actors.Connections;
using CrossLayer.Actors.Correlations;
using CrossLayer.Actors.Hosts;
using CrossLayer.Actors.Journal;
using CrossLayer.Actors.Journal.Mapping;
using CrossLayer.Actors.Requests;
using CrossLayer.Probe;

namespace CrossLayer.Actors.Cluster;

/// <summary>Messages between hosts to and from their wire form.</summary>
internal static class ClusterMapping
{
    public static Wire.HalfBatch ToWire(this HalfBatch batch)
    {
        var wire = new Wire.HalfBatch { Lane = batch.Lane, Host = batch.Host };
        if (batch.WallAheadNs is { } ahead)
            wire.WallAheadNs = ahead;
        wire.Halves.AddRange(batch.Halves.Select(ToWire));
        return wire;
    }

    public static HalfBatch FromWire(this Wire.HalfBatch wire)
    {
        var ahead = wire.HasWallAheadNs ? wire.WallAheadNs : (long?)null;
        return new HalfBatch(wire.Lane, wire.Host, ahead, [.. wire.Halves.Select(half => FromWire(half) with { WallAheadNs = ahead })]);
    }

    public static Wire.JoinedBatch ToWire(this JoinedBatch batch)
    {
        var wire = new Wire.JoinedBatch();
        foreach (var request in batch.Requests)
        {
            var one = new Wire.JoinedRequest { Owner = request.Owner, Correlation = request.Correlation?.ToWire() };
            one.Halves.AddRange(request.Halves.Select(ToWire));
            wire.Requests.Add(one);
        }

        return wire;
    }

    public static JoinedBatch FromWire(this Wire.JoinedBatch wire) =>
        new([.. wire.Requests.Select(one => new JoinedRequest([.. one.Halves.Select(FromWire)], one.Owner, one.Correlation?.FromWire()))]);

    public static Wire.JoinedTaken ToWire(this JoinedTaken taken)
    {
        var wire = new Wire.JoinedTaken();
        wire.First.AddRange(taken.First.Select(ToWire));
        return wire;
    }

    public static JoinedTaken FromWire(this Wire.JoinedTaken wire) => new([.. wire.First.Select(FromWire)]);

    public static Wire.HalvesSettled ToWire(this HalvesSettled settled)
    {
        var wire = new Wire.HalvesSettled();
        wire.Numbers.AddRange(settled.Numbers);
        return wire;
    }

    public static HalvesSettled FromWire(this Wire.HalvesSettled wire) => new([.. wire.Numbers]);

    public static Wire.AskPeer ToWire(this AskPeer ask)
    {
        var wire = new Wire.AskPeer { Number = ask.Number };
        wire.Connections.AddRange(ask.Connections.Select(asked => new Wire.Connection
        {
            Low = asked.Connection.Low.ToWire(),
            High = asked.Connection.High.ToWire(),
            AgeMs = asked.AgeMs,
        }));
        return wire;
    }

    public static AskPeer FromWire(this Wire.AskPeer wire) => new(wire.Number, [.. wire.Connections.Select(connection => (ConnectionKey.Of(
        (connection.Low ?? throw JournalFormatException.Missing("connection.low")).FromWire(),
        (connection.High ?? throw JournalFormatException.Missing("connection.high")).FromWire()), connection.AgeMs))]);

    public static Wire.PeerAnswer ToWire(this PeerAnswer answer)
    {
        var wire = new Wire.PeerAnswer { Number = answer.Number };
        wire.Views.AddRange(answer.Views.Select(view => (int)view.View));
        wire.Gaps.AddRange(answer.Views.Select(view => view.Gap ?? ""));
        if (answer.WallAheadNs is { } ahead)
            wire.WallAheadNs = ahead;
        return wire;
    }

    public static PeerAnswer FromWire(this Wire.PeerAnswer wire)
    {
        if (wire.Views.Count != wire.Gaps.Count)
            throw new JournalFormatException($"an answer has {wire.Views.Count} views and {wire.Gaps.Count} gaps");
        return new PeerAnswer(
            wire.Number, [.. wire.Views.Zip(wire.Gaps, (view, gap) => (Known<PeerView>(view), gap.Length == 0 ? null : gap))], wire.HasWallAheadNs ? wire.WallAheadNs : null);
    }

    private static Wire.RequestHalf ToWire(RequestHalf half)
    {
        var window = half.Window;
        return new Wire.RequestHalf
        {
            Number = half.Number,
            PeerHost = half.PeerHost,
            ClientRecord = window.ClientRecord is { } client ? ToWire(client) : null,
            ServerRecord = window.ServerRecord is { } server ? ToWire(server) : null,
            ClientExchange = window.ClientExchange?.ToWire(),
            ServerExchange = window.ServerExchange?.ToWire(),
            Match = window.Match.ToWire(),
            ClosedAtNs = half.Closing.AtNs,
            Reporters = (int)half.Closing.Reporters,
            Orphan = (int)half.Closing.Orphan,
            Coverage = ToWire(half.Closing.Coverage),
            WaitedMs = half.WaitedMs,
        };
    }

    private static RequestHalf FromWire(Wire.RequestHalf wire) => new(
        wire.Number,
        new RequestWindow
        {
            ClientRecord = wire.ClientRecord is { } client ? FromWire(client) : null,
            ServerRecord = wire.ServerRecord is { } server ? FromWire(server) : null,
            ClientExchange = wire.ClientExchange?.FromWire(),
            ServerExchange = wire.ServerExchange?.FromWire(),
            Match = (wire.Match ?? throw JournalFormatException.Missing("match")).FromWire(),
        },
        new CloseWindow(wire.ClosedAtNs, FromWire(wire.Coverage ?? throw JournalFormatException.Missing("coverage")), (Roles)wire.Reporters)
        {
            Orphan = Known<Orphan>(wire.Orphan),
        },
        wire.PeerHost)
    {
        WaitedMs = wire.WaitedMs,
    };

    private static Wire.TimedRecord ToWire(TimedRecord record)
    {
        // No name is left out: there is no correlation that has it.
        var wire = new Wire.TimedRecord { Record = record.Record.ToWire(default), StartInDoubt = record.StartIsInDoubt };
        if (record.StartNs is { } start)
            wire.StartNs = start;
        return wire;
    }

    private static TimedRecord FromWire(Wire.TimedRecord wire) =>
        new((wire.Record ?? throw JournalFormatException.Missing("record")).FromWire(default), wire.HasStartNs ? wire.StartNs : null) { StartIsInDoubt = wire.StartInDoubt };

    private static Wire.Coverage ToWire(Coverage coverage)
    {
        var wire = new Wire.Coverage { StartNs = coverage.StartNs, EndNs = coverage.EndNs };
        wire.Losses.AddRange(coverage.Losses.Select(loss => new Wire.Loss { StartNs = loss.StartNs, EndNs = loss.EndNs, Events = loss.Events }));
        foreach (var (type, since) in coverage.Missing)
            wire.MissingSinceNs.Add((int)type, since);
        return wire;
    }

    private static Coverage FromWire(Wire.Coverage wire) =>
        new(wire.StartNs, wire.EndNs, [.. wire.Losses.Select(loss => new LossInterval(loss.StartNs, loss.EndNs, loss.Events))])
        {
            Missing = wire.MissingSinceNs.ToImmutableSortedDictionary(pair => (KernelEventType)pair.Key, pair => pair.Value),
        };

    private static Wire.HalfId ToWire(HalfId id) => new() { Host = id.Host, Number = id.Number };

    private static HalfId FromWire(Wire.HalfId wire) => new(wire.Host, wire.Number);

    private static T Known<T>(int value)
        where T : struct, Enum =>
        Enum.IsDefined((T)(object)value) ? (T)(object)value : throw new JournalFormatException($"{typeof(T).Name} {value} is not known to this version");
}
