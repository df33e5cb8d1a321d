using System.Diagnostics;
using Akka.Actor;
using CrossLayer.Actors.Configuration;
using CrossLayer.Actors.Connections;
using CrossLayer.Actors.Correlations;
using CrossLayer.Benchmarks.Measuring;
using CrossLayer.Benchmarks.Traffic;

namespace CrossLayer.Benchmarks.Pipeline;

/// <summary>Request windows in actors, against the same windows in a dictionary: four views, and a close, for each request.</summary>
internal sealed class ActorsBenchmark : Benchmark
{
    private const string Rate = "requests/s";
    private const string Product = "request actors, used again";
    private const string Reference = "loop with a dictionary";
    private const string Cpu = "µs CPU/request";
    private const int Live = 256;

    /// <inheritdoc/>
    internal override string Name => "actors";

    /// <inheritdoc/>
    internal override string Question => "request correlation actors, 256 at a time, against the loop without actors";

    /// <inheritdoc/>
    internal override async Task<IReadOnlyList<Result>> RunAsync(BenchmarkContext context)
    {
        var settings = CorrelationSettings.From(DefaultConfiguration.Load());
        var windows = Views(new SyntheticTraffic(context.Pick(40_000, 10_000), Live, 20_000), settings);
        using var system = ActorSystem.Create("actors", DefaultConfiguration.Load());
        try
        {
            var parent = system.ActorOf(Props.Create(() => new Windows(settings)));
            var rounds = await Rounds.RunAsync(context, context.Pick(7, 3),
            [
                new Arm(Product, async () =>
                {
                    var (clock, cpu) = (Stopwatch.StartNew(), ProcessTime.OwnSeconds);
                    await parent.Ask<int>(windows, TimeSpan.FromMinutes(1));
                    return ReadingOf(windows.Count, clock, cpu);
                }),
                new Arm(Reference, () =>
                {
                    var (clock, cpu) = (Stopwatch.StartNew(), ProcessTime.OwnSeconds);
                    Loop(windows, settings);
                    return ReadingOf(windows.Count, clock, cpu);
                }),
            ]);
            return
            [
                rounds.Ratio(Name, Product, Reference, Rate, Target.AtLeast(0.08), "both diagnose each request"),
                rounds.Ratio(Name, Product, Reference, Cpu),
            ];
        }
        finally
        {
            await system.Terminate();
        }
    }

    private static Reading ReadingOf(int requests, Stopwatch clock, double cpuBefore) =>
        new((Rate, requests / clock.Elapsed.TotalSeconds), (Cpu, (ProcessTime.OwnSeconds - cpuBefore) * 1e6 / requests));

    private static void Loop(List<List<WindowMessage>> windows, CorrelationSettings settings)
    {
        var open = new Dictionary<int, RequestWindow>();
        var correlations = new List<Correlation>();
        for (var i = 0; i < windows.Count; i++)
        {
            foreach (var message in windows[i])
            {
                var window = open.GetValueOrDefault(i, RequestWindow.Empty);
                if (message is not CloseWindow closing)
                {
                    open[i] = window.Add(message);
                    continue;
                }

                open.Remove(i);
                correlations.Add(Correlator.Correlate(window, closing, settings));
            }

            if (correlations.Count == Live)
                correlations = [];
        }
    }

    /// <summary>What the matching emits for each request.</summary>
    private static List<List<WindowMessage>> Views(SyntheticTraffic traffic, CorrelationSettings settings)
    {
        var assembler = new ExchangeAssembler(settings.ExchangeTimes, settings.MaxSockets);
        var facts = new List<ConnectionFact>();
        foreach (var e in traffic.Events)
            assembler.Apply(in e, facts);
        assembler.Advance(long.MaxValue, facts);
        var records = traffic.Records.ToLookup(record => ConnectionKey.Of(record.Record.Local!.Value, record.Record.Peer!.Value));
        var windows = new List<List<WindowMessage>>();
        foreach (var connection in facts.GroupBy(fact => fact.Connection))
        {
            var open = new Dictionary<int, List<WindowMessage>>();
            new ConnectionCorrelator(settings).Process(records[connection.Key], connection, long.MaxValue, Coverage.None with { StartNs = 0, EndNs = long.MaxValue }, (number, message) =>
            {
                if (!open.TryGetValue(number, out var views))
                    open.Add(number, views = []);
                views.Add(message);
                if (message is CloseWindow { IsAttempt: false })
                    windows.Add(views);
            });
        }

        return windows;
    }

    /// <summary>Stands for shard and entity: hands windows out, so many at a time, each to an actor that is free.</summary>
    private sealed class Windows : ReceiveActor
    {
        private readonly Queue<IActorRef> _free = [];
        private readonly Queue<IActorRef> _busy = [];
        private List<List<WindowMessage>> _windows = [];
        private IActorRef _asker = ActorRefs.Nobody;
        private int _next;
        private int _closed;

        public Windows(CorrelationSettings settings)
        {
            for (var i = 0; i < Live; i++)
                _free.Enqueue(Context.ActorOf(RequestCorrelationActor.Props(Self, settings)));
            Receive<List<List<WindowMessage>>>(windows =>
            {
                (_windows, _asker, _next, _closed) = (windows, Sender, 0, 0);
                HandOut();
            });
            Receive<WindowClosed>(_ =>
            {
                _closed++;
                _free.Enqueue(_busy.Dequeue());
                if (_closed == _windows.Count)
                    _asker.Tell(_closed);
                else
                    HandOut();
            });
        }

        private void HandOut()
        {
            while (_free.Count > 0 && _next < _windows.Count)
            {
                var actor = _free.Dequeue();
                var messages = _windows[_next++];
                actor.Tell(new WindowContent(messages[..^1], (CloseWindow)messages[^1]));
                _busy.Enqueue(actor);
            }
        }
    }
}
