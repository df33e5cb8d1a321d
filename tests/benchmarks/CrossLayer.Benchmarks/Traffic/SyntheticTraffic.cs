using System.Net;
using CrossLayer.Actors.Graph;
using CrossLayer.Actors.Requests;
using CrossLayer.Probe;

namespace CrossLayer.Benchmarks.Traffic;

/// <summary>
/// Keep-alive connections on one host, both sockets in sight and both applications reporting: the kernel events and records
/// that they give, in order of time. One request in a thousand is slow in its handler, so that there is a discrepancy to be found.
/// </summary>
internal sealed class SyntheticTraffic
{
    private const int EventsPerBatch = 1000;
    private const int RequestBytes = 101;
    private const int ResponseBytes = 1009;
    private const long DisorderNs = 20_000_000;
    private const long SlowNs = 600_000_000;
    private const ushort ServerPort = 8080;

    private readonly List<KernelEvent> _events = [];
    private readonly List<TimedRecord> _records = [];

    /// <param name="requests">How many.</param>
    /// <param name="connections">So many are open, from the first request to the last, and take turns.</param>
    /// <param name="perSecond">Requests in a second of event time: with the settings, it says how many windows are open at once.</param>
    internal SyntheticTraffic(int requests, int connections, int perSecond)
    {
        Requests = requests;
        var startNs = 10_000_000_000L;
        var all = Enumerable.Range(0, connections).Select(i => new Connection(i, _events, startNs + (i * 1000L))).ToArray();
        for (var i = 0; i < requests; i++)
            all[i % connections].Request(startNs + 50_000_000 + (i * (1_000_000_000L / perSecond)), i, _records);
        var endNs = _events.Max(e => (long)e.TimestampNs) + 1_000_000;
        foreach (var connection in all)
            connection.Close(endNs);
        _events.Sort((one, other) => one.TimestampNs.CompareTo(other.TimestampNs));
        _records.Sort((one, other) => one.EndNs!.Value.CompareTo(other.EndNs!.Value));
    }

    internal int Requests { get; }

    internal IReadOnlyList<KernelEvent> Events => _events;

    internal IReadOnlyList<TimedRecord> Records => _records;

    /// <summary>The graph's input as a live pipeline has it: a batch, and before it the records that were over by then. Batches are copied into pooled arrays as they are taken.</summary>
    internal IEnumerable<PipelineInput> Inputs()
    {
        var records = 0;
        var chunk = new KernelEvent[EventsPerBatch];
        for (var i = 0; i < _events.Count; i += EventsPerBatch)
        {
            var count = Math.Min(EventsPerBatch, _events.Count - i);
            _events.CopyTo(i, chunk, 0, count);
            var newest = (long)chunk[count - 1].TimestampNs;
            var from = records;
            while (records < _records.Count && _records[records].EndNs <= newest)
                records++;
            if (records > from)
                yield return new RecordInput(_records.GetRange(from, records - from));
            yield return new KernelInput(new KernelEventBatch(chunk.AsSpan(0, count), newest - DisorderNs));
        }

        if (records < _records.Count)
            yield return new RecordInput(_records.GetRange(records, _records.Count - records));
    }

    private sealed class Connection
    {
        private readonly List<KernelEvent> _events;
        private KernelEvent _client;
        private KernelEvent _server;
        private long _freeNs;
        private int _ordinal;

        internal Connection(int number, List<KernelEvent> events, long atNs)
        {
            _events = events;
            var client = new Endpoint(NetworkAddress.From(new IPAddress([127, 0, 1, (byte)(1 + (number / 20_000))])), (ushort)(20_000 + (number % 20_000)));
            var server = new Endpoint(NetworkAddress.From(IPAddress.Loopback), ServerPort);
            _client = Side((ulong)(2 * number) + 1, SocketRole.Active, client, server, 11, "wrk");
            _server = Side((ulong)(2 * number) + 2, SocketRole.Passive, server, client, 22, "nginx");
            _client.SinceNs = (ulong)atNs - 50_000;
            (_client.OldState, _server.OldState) = (TcpState.SynSent, TcpState.SynRecv);
            Add(ref _server, KernelEventType.Accept, atNs, 0);
            Add(ref _client, KernelEventType.Connect, atNs, 0);
            (_client.SinceNs, _client.OldState, _server.OldState) = (0, TcpState.Established, TcpState.Established);
            _freeNs = atNs;
        }

        internal void Request(long atNs, int id, List<TimedRecord> records)
        {
            var start = Math.Max(atNs, _freeNs + 10_000);
            var handlerNs = id % 1000 == 999 ? SlowNs : 100_000;
            _client.Written += RequestBytes;
            Add(ref _client, KernelEventType.Send, start, RequestBytes);
            (_server.Received, _server.Copied, _client.Acked) = (_client.Written, _client.Written, _client.Written);
            Add(ref _client, KernelEventType.Acked, start + 10_000, 0);
            Add(ref _server, KernelEventType.Recv, start + 20_000, RequestBytes);
            var answer = start + 20_000 + handlerNs;
            _server.Written += ResponseBytes;
            Add(ref _server, KernelEventType.Send, answer, ResponseBytes);
            (_client.Received, _client.Copied, _server.Acked) = (_server.Written, _server.Written, _server.Written);
            Add(ref _server, KernelEventType.Acked, answer + 10_000, 0);
            Add(ref _client, KernelEventType.Recv, answer + 20_000, ResponseBytes);
            _freeNs = answer + 30_000;
            _ordinal++;
            records.Add(Record(id, RequestRole.Client, _client, start - 5_000, _freeNs));
            records.Add(Record(id, RequestRole.Server, _server, start + 20_000, answer + 5_000));
        }

        internal void Close(long atNs)
        {
            Add(ref _client, KernelEventType.Close, atNs, 0);
            Add(ref _server, KernelEventType.Close, atNs + 1, 0);
        }

        private void Add(ref KernelEvent side, KernelEventType type, long atNs, int bytes)
        {
            (side.Type, side.TimestampNs, side.Bytes) = (type, (ulong)atNs, bytes);
            _events.Add(side);
        }

        private TimedRecord Record(int id, RequestRole role, in KernelEvent side, long startNs, long endNs) => new(
            new RequestRecord
            {
                RequestId = RequestId.From(id),
                Role = role,
                Local = side.Local,
                Peer = side.Peer,
                LatencyMs = (endNs - startNs) / 1e6,
                StatusCode = 200,
                Result = RequestResult.Success,
                StartUnixNs = startNs,
                Method = "GET",
                Route = "/orders",
                RequestBytes = RequestBytes,
                ResponseBytes = ResponseBytes,
                ConnectionRequest = _ordinal,
            },
            startNs);

        private static KernelEvent Side(ulong cookie, SocketRole role, Endpoint local, Endpoint peer, uint pid, string comm) => new()
        {
            SocketCookie = cookie,
            NetnsCookie = 1,
            Role = role,
            Local = local,
            Peer = peer,
            Pid = pid,
            Comm = CommName.From(comm),
            OldState = TcpState.Established,
            NewState = TcpState.Established,
            SrttUs = 30,
            Mss = 1448,
        };
    }
}
