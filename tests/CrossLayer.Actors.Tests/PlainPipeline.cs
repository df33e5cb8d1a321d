using CrossLayer.Actors.Connections;
using CrossLayer.Actors.Correlations;
using CrossLayer.Actors.Graph;
using CrossLayer.Actors.Requests;
using CrossLayer.Probe;

namespace CrossLayer.Actors.Tests;

/// <summary>The functional core in one loop, without actors or streams, over input in one piece: the reference for the graph.</summary>
internal static class PlainPipeline
{
    public static readonly CorrelationSettings Settings = new() { Shards = 2 };

    public static List<Correlation> Run(Conversation conversation, params TimedRecord[] records) => Run(conversation.Events, records);

    public static List<Correlation> Run(IEnumerable<KernelEvent> events, params TimedRecord[] records)
    {
        var order = new EventOrder(1);
        var assembler = new ExchangeAssembler(Settings.ExchangeTimes, Settings.MaxSockets);
        var facts = new List<ConnectionFact>();
        order.Apply(new RecordInput(records)).Single().Dispose();
        order.Apply(new KernelInput(new KernelEventBatch([.. events], 0))).Single().Dispose();
        using var all = order.Apply(new EndOfInput()).Single();
        foreach (ref readonly var e in all.Events)
            assembler.Apply(in e, facts);
        assembler.Advance(long.MaxValue, facts);

        var keys = facts.Select(fact => fact.Connection).Concat(records.Select(KeyOf)).Distinct();
        var attempts = new List<Attempt>();
        var correlations = keys.SelectMany(key => Correlate(
                records.Where(record => KeyOf(record) == key), facts.Where(fact => fact.Connection == key), all.Coverage, attempts))
            .OrderBy(c => c.ClosedAtNs).ThenBy(c => c.RequestId).ToList();
        return [.. new NeighbourFinder(Settings).Apply(new RetryFinder(Settings).Apply(attempts, correlations, long.MaxValue))];
    }

    private static ConnectionKey KeyOf(TimedRecord record) =>
        ConnectionKey.Of(record.Record.Local ?? default, record.Record.Peer ?? default);

    private static List<Correlation> Correlate(IEnumerable<TimedRecord> records, IEnumerable<ConnectionFact> facts, Coverage coverage,
        List<Attempt> attempts)
    {
        var windows = new Dictionary<int, RequestWindow>();
        var correlations = new List<Correlation>();
        new ConnectionCorrelator(Settings).Process(records, facts, long.MaxValue, coverage, (number, message) =>
        {
            var window = windows.GetValueOrDefault(number, RequestWindow.Empty);
            if (message is not CloseWindow closing)
                windows[number] = window.Add(message);
            else if (closing.IsAttempt)
                attempts.AddRange(Attempt.Of(window) is { } attempt ? [attempt] : []);
            else if (window.IsWorthCorrelating(closing))
                correlations.Add(Correlator.Correlate(window, closing, Settings));
        });
        return correlations;
    }
}
