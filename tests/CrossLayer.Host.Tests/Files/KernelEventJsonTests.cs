using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using CrossLayer.Host.Files;
using CrossLayer.Probe;
using CrossLayer.Tests;

namespace CrossLayer.Host.Tests.Files;

public class KernelEventJsonTests
{
    private static readonly RecordKind<DatedKernelEvent> Kind = KernelEventJson.Kind;

    [Fact]
    public void Random_events_come_back_bit_for_bit()
    {
        var random = new Random(1);
        for (var i = 0; i < 5000; i++)
        {
            var dated = RandomEvent(random);

            var back = Records.FromJson(Kind, Records.ToJson(Kind, dated));

            AssertSame(dated, back);
        }
    }

    [Fact]
    public void Sparse_events_come_back_bit_for_bit()
    {
        var random = new Random(2);
        for (var i = 0; i < 5000; i++)
        {
            var dated = RandomEvent(random);
            var bytes = MemoryMarshal.AsBytes(new Span<KernelEvent>(ref dated.Event));
            for (var j = 0; j < bytes.Length; j++)
                bytes[j] = random.Next(4) == 0 ? bytes[j] : (byte)0;
            Tidy(ref dated, random);

            var back = Records.FromJson(Kind, Records.ToJson(Kind, dated));

            AssertSame(dated, back);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Fields_are_read_in_any_order_and_however_their_names_are_written(bool escape)
    {
        var random = new Random(3);
        for (var i = 0; i < 500; i++)
        {
            var dated = RandomEvent(random);
            using var written = JsonDocument.Parse(Records.ToJson(Kind, dated));
            var fields = written.RootElement.EnumerateObject().Select(field =>
                $"\"{(escape && random.Next(2) == 0 ? $"\\u{(int)field.Name[0]:x4}{field.Name[1..]}" : field.Name)}\":{field.Value.GetRawText()}").ToArray();
            random.Shuffle(fields);
            var unknown = new UnknownFields();

            var back = Records.FromJson(Kind, $"{{{string.Join(',', fields)}}}", unknown);

            AssertSame(dated, back);
            Assert.Empty(unknown.Names);
        }
    }

    [Fact]
    public void The_fields_that_every_event_has_stand_first_and_in_order()
    {
        var dated = default(DatedKernelEvent);
        dated.Event.TimestampNs = 1;
        dated.Event.Type = KernelEventType.Send;
        dated.UnixNs = 2;

        Assert.Equal(
            [
                "timestamp_ns", "unix_ns", "event_type", "bytes", "pid", "comm", "local_endpoint", "peer_endpoint", "netns",
                "socket_cookie", "role", "written", "acked", "received", "copied",
            ],
            Records.NamesIn(Records.ToJson(Kind, dated)));
    }

    [Fact]
    public void A_full_event_has_the_promised_names()
    {
        var dated = default(DatedKernelEvent);
        MemoryMarshal.AsBytes(new Span<KernelEvent>(ref dated.Event)).Fill(1);
        dated.UnixNs = 1;
        dated.ReasonName = "NO_SOCKET";
        dated.Event.Flags = StreamFlags.FinSent | StreamFlags.FinReceived | StreamFlags.Outgoing | StreamFlags.PacketRst | StreamFlags.PacketFin;

        Assert.Equal(
            [
                "range_start", "rwnd_limited_ns", "sndbuf_limited_ns", "since_ns", "lost_events", "srtt_us", "rttvar_us", "snd_wnd", "rcv_wnd",
                "total_retrans", "packets_out", "mss", "reason", "reason_name", "error", "old_state", "new_state", "ca_state", "fin_sent",
                "fin_received", "outgoing", "packet_rst", "packet_fin",
            ],
            Records.NamesIn(Records.ToJson(Kind, dated)).Skip(15));
    }

    [Fact]
    public void Values_are_written_as_the_format_says()
    {
        var dated = default(DatedKernelEvent);
        dated.Event.TimestampNs = ulong.MaxValue;
        dated.Event.Type = KernelEventType.SynackRetransmit;
        dated.Event.Role = SocketRole.Passive;
        dated.Event.Bytes = -11;
        dated.Event.NewState = TcpState.FinWait1;
        dated.Event.Local = Records.EndpointOf("127.0.0.1:8080");
        dated.Event.Peer = Records.EndpointOf("[2001:db8::1]:40000");
        dated.Event.Comm = CommName.From("nginx");

        var json = Records.ToJson(Kind, dated);

        Assert.Contains("\"timestamp_ns\":18446744073709551615,", json, StringComparison.Ordinal);
        Assert.Contains("\"event_type\":\"synack_retransmit\"", json, StringComparison.Ordinal);
        Assert.Contains("\"role\":\"passive\"", json, StringComparison.Ordinal);
        Assert.Contains("\"bytes\":-11,", json, StringComparison.Ordinal);
        Assert.Contains("\"new_state\":\"fin_wait1\"", json, StringComparison.Ordinal);
        Assert.Contains("\"local_endpoint\":\"127.0.0.1:8080\"", json, StringComparison.Ordinal);
        Assert.Contains("\"peer_endpoint\":\"[2001:db8::1]:40000\"", json, StringComparison.Ordinal);
        Assert.Contains("\"comm\":\"nginx\"", json, StringComparison.Ordinal);
    }

    [Fact]
    public void Only_time_and_type_are_required()
    {
        var dated = Records.FromJson(Kind, """{"event_type":"recv","timestamp_ns":5,"bytes":null}""");

        Assert.Equal(5ul, dated.Event.TimestampNs);
        Assert.Equal(KernelEventType.Recv, dated.Event.Type);
        Assert.Equal(0, dated.Event.Bytes);
    }

    [Theory]
    [InlineData("""{"event_type":"recv"}""", "timestamp_ns is missing")]
    [InlineData("""{"timestamp_ns":5}""", "event_type is missing")]
    [InlineData("""{"timestamp_ns":0,"event_type":"recv"}""", "timestamp_ns is 0; expected a whole number from 1 to ")]
    [InlineData("""{"timestamp_ns":-3,"event_type":"recv"}""", "timestamp_ns is -3; expected")]
    [InlineData("""{"timestamp_ns":5,"event_type":"none"}""", "event_type is \"none\"; expected one of connect, accept, send,")]
    [InlineData("""{"timestamp_ns":5,"event_type":"recv","old_state":"open"}""", "old_state is \"open\"; expected one of established,")]
    [InlineData("""{"timestamp_ns":5,"event_type":"recv","pid":1.5}""", "pid is 1.5; expected a whole number")]
    [InlineData("""{"timestamp_ns":5,"event_type":"recv","pid":4294967296}""", "pid is 4294967296; expected")]
    [InlineData("""{"timestamp_ns":5,"event_type":"missing"}""", "missing_type is missing")]
    [InlineData("""{"timestamp_ns":5,"event_type":"missing","reason":14}""", "missing_type is missing")]
    [InlineData("""{"timestamp_ns":5,"event_type":"missing","missing_type":"lost"}""", "missing_type is \"lost\"; expected one of connect, accept,")]
    [InlineData("""{"timestamp_ns":5,"event_type":"drop","reason_name":7}""", "reason_name is 7; expected a string of at most 128 characters")]
    [InlineData("""{"timestamp_ns":5,"event_type":"recv","fin_sent":1}""", "fin_sent is 1; expected true or false")]
    public void What_cannot_be_used_is_named(string json, string expected)
    {
        var exception = Assert.Throws<FieldException>(() => Records.FromJson(Kind, json));

        Assert.StartsWith(expected, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Whole_numbers_may_have_a_fraction_of_zero() =>
        Assert.Equal(7u, Records.FromJson(Kind, """{"timestamp_ns":5.0,"event_type":"recv","pid":7.0}""").Event.Pid);

    [Fact]
    public void A_name_cut_within_a_character_stays_valid_JSON_and_comes_back()
    {
        var dated = RandomEvent(new Random(3));
        dated.Event.Comm = CommText.Parse([(byte)'a', (byte)'\\', (byte)'x', 0xC3]);

        var json = Records.ToJson(Kind, dated);

        Assert.Equal(@"a\x5cx\xc3", CommIn(json));
        AssertSame(dated, Records.FromJson(Kind, json));
    }

    [Fact]
    public void Writing_allocates_nothing_per_event()
    {
        using var folder = new TemporaryFolder();
        using var writer = RecordWriter<DatedKernelEvent>.Create(folder.File("events.json"), Kind);
        var dated = RandomEvent(new Random(4));
        dated.Event.NewState = TcpState.Established;
        dated.ReasonName = "NETFILTER_DROP";
        for (var i = 0; i < 100; i++)
            writer.Append(in dated);

        Assert.Equal(0, Allocated.ByEach(() =>
        {
            for (var i = 0; i < 1000; i++)
                writer.Append(in dated);
        }));
    }

    [Fact]
    public void The_name_of_a_reason_comes_back_as_one_string_for_all_events()
    {
        var dated = default(DatedKernelEvent);
        (dated.Event.TimestampNs, dated.Event.Type, dated.Event.Reason, dated.ReasonName) = (1, KernelEventType.Drop, 3, "NO_SOCKET");
        var json = Records.ToJson(Kind, dated);

        Assert.Contains("\"reason\":3,\"reason_name\":\"NO_SOCKET\"", json, StringComparison.Ordinal);
        var back = Records.FromJson(Kind, json);
        Assert.Equal("NO_SOCKET", back.ReasonName);
        Assert.Same(back.ReasonName, Records.FromJson(Kind, json).ReasonName);
        Assert.Equal(json, Records.ToJson(Kind, back));
    }

    [Fact]
    public void A_missing_hook_is_told_by_the_name_of_its_events()
    {
        var dated = default(DatedKernelEvent);
        (dated.Event.TimestampNs, dated.Event.Type, dated.Event.MissingType) = (1, KernelEventType.Missing, KernelEventType.Acked);

        var json = Records.ToJson(Kind, dated);

        Assert.Contains("\"event_type\":\"missing\"", json, StringComparison.Ordinal);
        Assert.Contains("\"missing_type\":\"acked\"", json, StringComparison.Ordinal);
        Assert.DoesNotContain("\"reason\"", json, StringComparison.Ordinal);
        AssertSame(dated, Records.FromJson(Kind, json));
    }

    private static void AssertSame(DatedKernelEvent expected, DatedKernelEvent actual)
    {
        Assert.Equal(Bytes(in expected.Event), Bytes(in actual.Event));
        Assert.Equal((expected.UnixNs, expected.ReasonName), (actual.UnixNs, actual.ReasonName));
    }

    private static byte[] Bytes(in KernelEvent e) => MemoryMarshal.AsBytes(new ReadOnlySpan<KernelEvent>(in e)).ToArray();

    private static DatedKernelEvent RandomEvent(Random random)
    {
        var dated = default(DatedKernelEvent);
        random.NextBytes(MemoryMarshal.AsBytes(new Span<KernelEvent>(ref dated.Event)));
        dated.UnixNs = random.NextInt64();
        dated.ReasonName = random.Next(3) == 0 ? $"NAME_{random.Next(9)}" : null;
        Tidy(ref dated, random);
        return dated;
    }

    // What no event can hold: no time, no type, a time before 1970, bytes behind the name's end.
    private static void Tidy(ref DatedKernelEvent dated, Random random)
    {
        dated.UnixNs &= long.MaxValue;
        dated.Event.TimestampNs |= 1;
        dated.Event.Type = (KernelEventType)random.Next(1, 15);
        if (dated.Event.Type == KernelEventType.Missing)
            dated.Event.MissingType = (KernelEventType)random.Next(1, 13);
        dated.Event.Role = (SocketRole)random.Next(3);
        dated.Event.Flags &= StreamFlags.FinSent | StreamFlags.FinReceived | StreamFlags.Outgoing | StreamFlags.PacketRst | StreamFlags.PacketFin;
        if (random.Next(3) == 0)
            dated.Event.LocalAddress = NetworkAddress.From(new System.Net.IPAddress(random.NextInt64(1L << 32)));
        Span<byte> comm = dated.Event.Comm;
        if (random.Next(3) == 0)
            Encoding.ASCII.GetBytes(@"\x41 ü""<{}>", comm);
        if (random.Next(3) == 0)
            comm[random.Next(comm.Length)] = 0;
        var end = comm.IndexOf((byte)0);
        if (end >= 0)
            comm[end..].Clear();
    }

    private static string CommIn(string json)
    {
        using var document = System.Text.Json.JsonDocument.Parse(json);
        return document.RootElement.GetProperty("comm").GetString()!;
    }
}
