using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Akka.Actor;
using CrossLayer.Actors.Configuration;
using CrossLayer.Actors.Correlations;
using CrossLayer.Actors.Graph;
using CrossLayer.Actors.Journal;
using CrossLayer.Actors.Kernel;
using CrossLayer.Actors.Requests;
using CrossLayer.Benchmarks.Measuring;
using CrossLayer.Probe;
using CrossLayer.Probe.Clock;
using HdrHistogram;

namespace CrossLayer.Benchmarks.Pipeline;

/// <summary>
/// How long after a request's last kernel event its verdict is there, and how long after that it is on the disk: real probe, real
/// connections on loopback, the pipeline as the daemon has it. A third of the requests are refused connections, which are discrepancies.
/// </summary>
internal sealed class LatencyBenchmark : Benchmark
{
    private const string Ms = "ms";

    /// <inheritdoc/>
    internal override string Name => "latency";

    /// <inheritdoc/>
    internal override string Question => "from the last kernel event of a request to its verdict, and to the journal (HdrHistogram)";

    /// <inheritdoc/>
    internal override async Task<IReadOnlyList<Result>> RunAsync(BenchmarkContext context)
    {
        var settings = CorrelationSettings.From(DefaultConfiguration.Load());
        var journalSettings = JournalSettings.At(context.Path("latency.db"));
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = (ushort)((IPEndPoint)listener.LocalEndpoint).Port;
        // Bound and not listening: refused, and nobody else is given the port.
        using var refusal = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        refusal.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var refusing = (ushort)((IPEndPoint)refusal.LocalEndPoint!).Port;
        var listening = new Listener(new ProbeOptions { Filter = new ProbeFilter { Ports = [port, refusing] } }, settings);
        using var system = ActorSystem.Create("latency", JournalConfiguration.For(journalSettings).WithFallback(DefaultConfiguration.Load()));
        try
        {
            var journal = system.ActorOf(Props.Create(() => new Watch(system.StartJournal(journalSettings), listening)));
            var pipeline = LivePipeline.Start(system, settings, ProbeSettings.From(DefaultConfiguration.Load()), journal, listening);
            await listening.Started.WaitAsync(TimeSpan.FromSeconds(20), context.Cancellation);
            var until = Stopwatch.StartNew();
            for (var i = 0; until.Elapsed.TotalSeconds < context.Pick(10, 4); i++)
            {
                await pipeline.ReportAsync([i % 3 == 0 ? await RefusedAsync(i, refusing) : await AnsweredAsync(i, listener, port)]);
                await Task.Delay(5, context.Cancellation);
            }

            await Task.Delay(settings.Settle + settings.Lateness + TimeSpan.FromMilliseconds(500), context.Cancellation);
            await pipeline.StopAsync();
        }
        finally
        {
            await system.Terminate();
        }

        var waitMs = (settings.Settle + settings.Lateness).TotalMilliseconds;
        return
        [
            .. Quantiles("last kernel event to verdict", listening.ToVerdict, FormattableString.Invariant($"{listening.ToVerdict.TotalCount} requests; {waitMs:0} ms of it are settle and lateness, which wait for what may still come")),
            .. Quantiles("window's end to verdict", listening.FromDue, "what the pipeline adds: event time's disorder (20 ms), batches, shards"),
            .. Quantiles("verdict to journal", listening.ToJournal, FormattableString.Invariant($"{listening.ToJournal.TotalCount} discrepancies; synchronous FULL")),
        ];
    }

    private IEnumerable<Result> Quantiles(string subject, LongHistogram histogram, string note)
    {
        if (histogram.TotalCount == 0)
            throw new InvalidOperationException($"nothing was measured from {subject}");
        foreach (var (name, percentile) in new[] { ("50th", 50d), ("99th", 99d), ("most", 100d) })
            yield return new Result
            {
                Benchmark = Name,
                Subject = subject,
                Measure = $"{Ms}, {name}",
                Values = Spread.Of(histogram.GetValueAtPercentile(percentile) / 1e3),
                Note = name == "50th" ? note : null,
            };
    }

    private static async Task<RequestRecord> AnsweredAsync(int id, TcpListener listener, ushort port)
    {
        var buffer = new byte[1000];
        var (startNs, clock) = (UnixNs(), Stopwatch.StartNew());
        using var client = new TcpClient();
        var accepting = listener.AcceptTcpClientAsync();
        await client.ConnectAsync(IPAddress.Loopback, port);
        using var server = await accepting;
        await client.Client.SendAsync(buffer.AsMemory(0, 100));
        await server.Client.ReceiveAsync(buffer);
        await server.Client.SendAsync(buffer);
        for (var read = 0; read < buffer.Length;)
            read += await client.Client.ReceiveAsync(buffer.AsMemory(read));
        return Record(id, startNs, clock, RequestResult.Success, (IPEndPoint)client.Client.LocalEndPoint!, port);
    }

    private static async Task<RequestRecord> RefusedAsync(int id, ushort port)
    {
        var (startNs, clock) = (UnixNs(), Stopwatch.StartNew());
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var local = (IPEndPoint)socket.LocalEndPoint!;
        try
        {
            await socket.ConnectAsync(IPAddress.Loopback, port);
            throw new InvalidOperationException($"somebody listens on port {port}");
        }
        catch (SocketException)
        {
            return Record(id, startNs, clock, RequestResult.Refused, local, port);
        }
    }

    private static RequestRecord Record(int id, long startNs, Stopwatch clock, RequestResult result, IPEndPoint local, ushort port) => new()
    {
        RequestId = RequestId.From(id),
        LatencyMs = clock.Elapsed.TotalMilliseconds,
        StatusCode = result == RequestResult.Success ? 200 : 0,
        Result = result,
        StartUnixNs = startNs,
        Local = Endpoint.From(local),
        Peer = Endpoint.From(new IPEndPoint(IPAddress.Loopback, port)),
    };

    private static long UnixNs() => (DateTimeOffset.UtcNow - DateTimeOffset.UnixEpoch).Ticks * 100;

    /// <summary>Takes the times.</summary>
    private sealed class Listener(ProbeOptions options, CorrelationSettings settings) : IPipelineListener
    {
        private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly Dictionary<RequestId, long> _verdictNs = [];
        private readonly Lock _lock = new();

        internal LongHistogram ToVerdict { get; } = Micros();
        internal LongHistogram FromDue { get; } = Micros();
        internal LongHistogram ToJournal { get; } = Micros();

        internal Task Started => _started.Task;

        public IKernelProbe StartProbe()
        {
            try
            {
                var probe = KernelProbe.Start(options);
                _started.TrySetResult();
                return probe;
            }
            catch (ProbeException reason)
            {
                _started.TrySetException(new SkippedException(reason.Message));
                throw;
            }
        }

        public void OnKernelEvents(KernelEventBatch batch) { }

        /// <summary>The graph has found them; they are on their way to the disk.</summary>
        internal void OnVerdicts(IReadOnlyList<Correlation> correlations)
        {
            var now = KernelClock.MonotonicNs();
            lock (_lock)
                foreach (var correlation in correlations)
                    _verdictNs[correlation.RequestId] = now;
        }

        public void OnCorrelations(CorrelationBatch batch)
        {
            var now = KernelClock.MonotonicNs();
            foreach (var correlation in batch.Correlations)
            {
                if ((correlation.ServerExchange ?? correlation.ClientExchange) is not { } exchange)
                    continue;
                long found;
                lock (_lock)
                    found = _verdictNs.Remove(correlation.RequestId, out var at) ? at : 0;
                // Batches without a discrepancy come here as they are found.
                var verdictNs = found > 0 ? found : now;
                ToVerdict.RecordValue(Math.Max(0, verdictNs - exchange.LastNs) / 1000);
                FromDue.RecordValue(Math.Max(0, verdictNs - exchange.LastNs - (long)(settings.Settle + settings.Lateness).TotalNanoseconds) / 1000);
                if (found > 0 && correlation.Finding.Verdict == Verdict.Discrepant)
                    ToJournal.RecordValue((now - found) / 1000);
            }
        }

        private static LongHistogram Micros() => new(3_600_000_000, 3);
    }

    /// <summary>Stands before the journal, and notes when something comes to it.</summary>
    private sealed class Watch : ReceiveActor
    {
        public Watch(IActorRef journal, Listener listener)
        {
            Receive<DiscrepancyJournal.Append>(append =>
            {
                listener.OnVerdicts(append.Correlations);
                journal.Forward(append);
            });
            ReceiveAny(journal.Forward);
        }
    }
}
