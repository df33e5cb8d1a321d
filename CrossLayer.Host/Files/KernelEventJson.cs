using System.Collections.Frozen;
using System.Text.Json;
using CrossLayer.Probe;
using static CrossLayer.Host.Files.KernelEventField;

namespace CrossLayer.Host.Files;

/// <summary>
/// Kernel events in JSON. Writing does not allocate; reading gives back exactly what was written. Only
/// <c>timestamp_ns</c> and <c>event_type</c> are required; an absent field is zero.
/// </summary>
internal static class KernelEventJson
{
    private const string TimestampNs = "timestamp_ns";
    private const string EventType = "event_type";
    private const string MissingType = "missing_type";

    private static readonly EnumNames<KernelEventType> Types = new(except: [KernelEventType.None]);
    private static readonly EnumNames<SocketRole> Roles = new();

    private static readonly KernelEventField[] Fields =
    [
        new Number<ulong>(TimestampNs, (ref d) => ref d.Event.TimestampNs, always: true, least: 1),
        new Number<long>("unix_ns", (ref d) => ref d.UnixNs, least: 0),
        new Named<KernelEventType>(EventType, Types, (ref d) => ref d.Event.Type),
        new Number<int>("bytes", (ref d) => ref d.Event.Bytes, always: true),
        new Number<uint>("pid", (ref d) => ref d.Event.Pid, always: true),
        new Owner("comm"),
        new End("local_endpoint", isLocal: true),
        new End("peer_endpoint", isLocal: false),
        new Number<ulong>("netns", (ref d) => ref d.Event.NetnsCookie, always: true),
        new Number<ulong>("socket_cookie", (ref d) => ref d.Event.SocketCookie, always: true),
        new Named<SocketRole>("role", Roles, (ref d) => ref d.Event.Role),
        new Number<ulong>("written", (ref d) => ref d.Event.Written, always: true),
        new Number<ulong>("acked", (ref d) => ref d.Event.Acked, always: true),
        new Number<ulong>("received", (ref d) => ref d.Event.Received, always: true),
        new Number<ulong>("copied", (ref d) => ref d.Event.Copied, always: true),
        new Number<ulong>("range_start", (ref d) => ref d.Event.RangeStart),
        new Number<ulong>("rwnd_limited_ns", (ref d) => ref d.Event.RwndLimitedNs),
        new Number<ulong>("sndbuf_limited_ns", (ref d) => ref d.Event.SndbufLimitedNs),
        new Number<ulong>("since_ns", (ref d) => ref d.Event.SinceNs),
        new Number<uint>("lost_events", (ref d) => ref d.Event.LostEvents),
        new Number<uint>("srtt_us", (ref d) => ref d.Event.SrttUs),
        new Number<uint>("rttvar_us", (ref d) => ref d.Event.RttvarUs),
        new Number<uint>("snd_wnd", (ref d) => ref d.Event.SndWnd),
        new Number<uint>("rcv_wnd", (ref d) => ref d.Event.RcvWnd),
        new Number<uint>("total_retrans", (ref d) => ref d.Event.TotalRetrans),
        new Number<uint>("packets_out", (ref d) => ref d.Event.PacketsOut),
        new Number<uint>("mss", (ref d) => ref d.Event.Mss),
        new Reason("reason"),
        new ReasonName("reason_name"),
        new MissingType(MissingType),
        new Number<ushort>("error", (ref d) => ref d.Event.Error),
        new State("old_state", (ref d) => ref d.Event.OldState),
        new State("new_state", (ref d) => ref d.Event.NewState),
        new Number<byte>("ca_state", (ref d) => ref d.Event.CaState),
        new Flag("fin_sent", StreamFlags.FinSent),
        new Flag("fin_received", StreamFlags.FinReceived),
        new Flag("outgoing", StreamFlags.Outgoing),
        new Flag("summarised", StreamFlags.Summarised),
        new Flag("packet_rst", StreamFlags.PacketRst),
        new Flag("packet_fin", StreamFlags.PacketFin),
    ];

    private static readonly FrozenDictionary<string, KernelEventField>.AlternateLookup<ReadOnlySpan<char>> ByName =
        Fields.ToFrozenDictionary(field => field.Name).GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>A type's name as files have it.</summary>
    public static string NameOf(KernelEventType type) => Types[type].Value;

    /// <summary>Kernel events as a kind of record.</summary>
    public static RecordKind<DatedKernelEvent> Kind { get; } = new("kernel event", null, Read, Write);

    private static DatedKernelEvent Read(ref FieldReader fields)
    {
        DatedKernelEvent dated = default;
        var next = 0;
        while (fields.Next())
        {
            if (Find(ref fields, ref next) is { } field)
                field.Read(ref fields, ref dated);
            else
                fields.SkipUnknown();
        }

        FieldReader.Require(dated.Event.TimestampNs != 0, TimestampNs);
        FieldReader.Require(dated.Event.Type != KernelEventType.None, EventType);
        FieldReader.Require(dated.Event.Type != KernelEventType.Missing || KernelEventField.MissingType.IsTold(in dated.Event), MissingType);
        return dated;
    }

    /// <summary>The field at hand; null for a name that is not known.</summary>
    /// <param name="fields">Stand at it.</param>
    /// <param name="next">The field behind the one before it, in the order of writing, and then behind this one: mostly it is there, or soon after.</param>
    private static KernelEventField? Find(ref FieldReader fields, ref int next)
    {
        for (var i = next; i < Fields.Length; i++)
            if (Fields[i].IsAtHand(in fields))
            {
                next = i + 1;
                return Fields[i];
            }

        return ByName.TryGetValue(fields.Name, out var field) ? field : null;
    }

    private static void Write(Utf8JsonWriter writer, in DatedKernelEvent dated)
    {
        var copy = dated;
        writer.WriteStartObject();
        foreach (var field in Fields)
            field.Write(writer, ref copy);
        writer.WriteEndObject();
    }
}
