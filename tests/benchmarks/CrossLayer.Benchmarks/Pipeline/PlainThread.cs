using CrossLayer.Actors.Connections;
using CrossLayer.Actors.Correlations;
using CrossLayer.Actors.Graph;
using CrossLayer.Actors.Requests;

namespace CrossLayer.Benchmarks.Pipeline;

/// <summary>
/// The reference: the same functional core on one thread, with neither streams nor actors nor lanes. It has the same deadlines, so
/// that it gives the same correlations.
/// </summary>
internal sealed class PlainThread(CorrelationSettings settings)
{
    private static readonly long RetireNs = (long)TimeSpan.FromSeconds(30).TotalNanoseconds;

    private readonly EventOrder _order = new(1);
    private readonly ExchangeAssembler _assembler = new(settings.ExchangeTimes, settings.MaxSockets);
    private readonly RetryFinder _retries = new(settings);
    private readonly NeighbourFinder _neighbours = new(settings);
    private readonly Dictionary<ConnectionKey, Connection> _connections = [];
    private readonly DeadlineQueue<Connection> _deadlines = new();
    private readonly List<ConnectionFact> _facts = [];
    private readonly HashSet<Connection> _touched = [];
    private readonly Dictionary<int, RequestWindow> _windows = [];
    private List<Correlation> _correlations = [];
    private List<Attempt> _attempts = [];
    private long _sweptNs = long.MinValue;

    internal IReadOnlyList<Correlation> Apply(PipelineInput input)
    {
        long watermarkNs;
        Coverage coverage;
        using (var batch = _order.Apply(input)[0])
        {
            (watermarkNs, coverage) = (batch.WatermarkNs, batch.Coverage);
            foreach (ref readonly var e in batch.Events)
                _assembler.Apply(in e, _facts);
            _assembler.Advance(watermarkNs, _facts);
            foreach (var record in batch.Records)
                Touch(ConnectionKey.Of(record.Record.Local ?? default, record.Record.Peer ?? default)).Records.Add(record);
        }

        foreach (var fact in _facts)
            Touch(fact.Connection).Facts.Add(fact);
        _facts.Clear();
        while (_deadlines.TakeDue(watermarkNs) is { } due)
            _touched.Add(due);
        foreach (var connection in _touched)
        {
            var correlator = connection.Correlator;
            correlator.Process(connection.Records, connection.Facts, watermarkNs, coverage, Take);
            connection.Records.Clear();
            connection.Facts.Clear();
            connection.LastNs = watermarkNs;
            _deadlines.Schedule(connection, correlator.NextDeadlineNs);
        }

        _touched.Clear();
        if (_sweptNs == long.MinValue || watermarkNs - _sweptNs > RetireNs)
            Sweep(watermarkNs);
        var ordered = _correlations.Count == 0 ? _correlations : [.. _correlations.OrderBy(c => c.ClosedAtNs).ThenBy(c => c.RequestId).ThenBy(c => c.ClientRecord is null)
            .ThenBy(c => (c.ClientExchange ?? c.ServerExchange)?.FirstNs ?? 0)];
        var result = _neighbours.Apply(_retries.Apply([.. _attempts.OrderBy(attempt => attempt.StartNs)], ordered, watermarkNs));
        (_correlations, _attempts) = ([], []);
        return result;
    }

    private Connection Touch(ConnectionKey key)
    {
        if (!_connections.TryGetValue(key, out var connection))
            _connections.Add(key, connection = new Connection(key, new ConnectionCorrelator(settings)));
        _touched.Add(connection);
        return connection;
    }

    private void Take(int number, WindowMessage message)
    {
        var window = _windows.GetValueOrDefault(number, RequestWindow.Empty);
        if (message is not CloseWindow closing)
        {
            _windows[number] = window.Add(message);
            return;
        }

        _windows.Remove(number);
        if (!closing.IsAttempt && window.IsWorthCorrelating(closing))
            _correlations.Add(Correlator.Correlate(window, closing, settings));
        else if (closing.IsAttempt && Attempt.Of(window) is { } attempt)
            _attempts.Add(attempt);
    }

    private void Sweep(long nowNs)
    {
        _sweptNs = nowNs;
        foreach (var connection in _connections.Values.Where(one => one.Correlator.IsIdle && nowNs - one.LastNs > RetireNs).ToList())
            _connections.Remove(connection.Key);
    }

    private sealed class Connection(ConnectionKey key, ConnectionCorrelator correlator) : IScheduled
    {
        internal ConnectionKey Key => key;
        internal ConnectionCorrelator Correlator => correlator;
        internal List<TimedRecord> Records { get; } = [];
        internal List<ConnectionFact> Facts { get; } = [];
        internal long LastNs { get; set; }

        /// <inheritdoc/>
        public long ScheduledNs { get; set; } = long.MaxValue;
    }
}
