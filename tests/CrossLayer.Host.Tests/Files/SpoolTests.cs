using System.Runtime.InteropServices;
using CrossLayer.Actors.Requests;
using CrossLayer.Host.Files;
using CrossLayer.Probe;

namespace CrossLayer.Host.Tests.Files;

public sealed class SpoolTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Records_are_the_same_in_whatever_order_they_are_asked_for()
    {
        // More than what is read at a time; one of them by itself is.
        RequestRecord[] records =
        [
            .. Enumerable.Range(1, 3_000).Select(i => Records.FullRequest with { RequestId = RequestId.From(i), StartUnixNs = i % 3 == 0 ? null : i, Route = new string('r', i % 97) }),
            Records.FullRequest with { Route = new string('r', 100_000) },
            Records.Request(7),
        ];
        using var spool = Spool(records);

        Assert.Equal(records.Length, spool.Count);
        foreach (var i in Enumerable.Range(0, records.Length).Concat(Enumerable.Range(0, records.Length).OrderBy(i => i * 7919L % records.Length)))
        {
            Assert.Equal(records[i], spool[i]);
            Assert.Equal((records[i].StartUnixNs, records[i].DurationNs), spool.TimeOf(i));
        }
    }

    [Fact]
    public void Events_are_the_same_each_time()
    {
        var events = Enumerable.Range(1, 3_000).Select(i => new DatedKernelEvent
        {
            Event = new KernelEvent { TimestampNs = (ulong)i, Type = i % 10 == 0 ? KernelEventType.Lost : KernelEventType.Send, LostEvents = i % 10 == 0 ? 2u : 0, Bytes = i },
            UnixNs = i % 2 == 0 ? 0 : 1_000 + i,
        }).ToList();
        using var spool = EventSpool.Fill(events, _folder.Root);

        for (var time = 0; time < 3; time++)
            Assert.Equal(events.Select(dated => (BytesOf(dated.Event), dated.UnixNs)), spool.ReadAll().Select(one => (BytesOf(one.Event), one.UnixNs)));
        Assert.Equal((3_000, 600, 2_700), (spool.Count, spool.Lost, spool.Seen));
    }

    [Fact]
    public void Nothing_lies_about_even_while_it_is_used()
    {
        using var events = EventSpool.Fill([], _folder.File("new"));
        using var records = Spool([]);

        Assert.Empty(events.ReadAll());
        Assert.Empty(Directory.GetFiles(_folder.File("new")));
        Assert.Empty(Directory.GetFiles(_folder.File("spool")));
    }

    [Fact]
    public void A_record_that_cannot_be_used_is_told_of_as_ever()
    {
        using var reader = RecordReader<RequestRecord>.Open(_folder.File("records", "{\"request_id\":1}"), RequestRecordJson.Kind);

        Assert.Contains("line 1: latency_ms is missing", Assert.Throws<InputException>(() => RecordSpool.Fill(reader, _folder.Root)).Message, StringComparison.Ordinal);
    }

    private static string BytesOf(KernelEvent e) => Convert.ToHexString(MemoryMarshal.AsBytes(new ReadOnlySpan<KernelEvent>(in e)));

    private RecordSpool Spool(RequestRecord[] records)
    {
        using (var writer = RecordWriter<RequestRecord>.Create(_folder.File("records.json"), RequestRecordJson.Kind))
            writer.Append(records);
        using var reader = RecordReader<RequestRecord>.Open(_folder.File("records.json"), RequestRecordJson.Kind);
        return RecordSpool.Fill(reader, _folder.File("spool"));
    }
}
