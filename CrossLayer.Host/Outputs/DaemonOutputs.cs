using System.Net;
using Akka.Configuration;
using CrossLayer.Actors.Graph;
using CrossLayer.Host.Outputs.Health;
using CrossLayer.Host.Outputs.Http;
using CrossLayer.Host.Outputs.Jsonl;
using CrossLayer.Host.Outputs.Metrics;
using CrossLayer.Host.Outputs.Otlp;
using CrossLayer.Host.Outputs.Stream;
using CrossLayer.Probe.Clock;
using Microsoft.Extensions.Logging;

namespace CrossLayer.Host.Outputs;

/// <summary>All that the daemon tells the outside, behind one door: correlations go in, and none of the outputs holds them up.</summary>
internal sealed class DaemonOutputs : IAsyncDisposable
{
    private readonly CorrelationMetrics _metrics;
    private readonly HealthGatherer _health;
    private readonly EventStream _stream;
    private readonly OutputServer? _server;
    private readonly JsonlOutput? _jsonl;
    private readonly OtlpOutput? _otlp;

    /// <summary>Made, but not started.</summary>
    /// <param name="settings">What there is to be.</param>
    /// <param name="readings">The rest of the daemon.</param>
    /// <param name="time">Tells the time.</param>
    /// <param name="logger">The log.</param>
    /// <exception cref="ConfigurationException">Certificate, key or token cannot be read.</exception>
    public DaemonOutputs(OutputSettings settings, DaemonReadings readings, TimeProvider time, ILogger logger)
    {
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentNullException.ThrowIfNull(time);
        _metrics = new CorrelationMetrics(settings.MaxLabelSets);
        _health = new HealthGatherer(readings, time);
        _stream = new EventStream(settings.Http, time.GetUtcNow().ToUnixTimeMilliseconds());
        var page = new MetricsPage(_metrics, readings, () => Readings, () => _stream.Clients);
        _server = settings.Http.Listen.Address is null ? null : new OutputServer(settings.Http, page, _health, _stream, readings.Cluster);
        _jsonl = settings.Jsonl.Path is null ? null : new JsonlOutput(settings.Jsonl, logger);
        _otlp = settings.Otlp.Endpoint is null ? null : new OtlpOutput(settings.Otlp, logger);
    }

    /// <summary>Where metrics and health are served; null where they are not.</summary>
    public IPEndPoint? Address => _server?.Address;

    /// <summary>What became of what each output was given.</summary>
    public IReadOnlyList<OutputReading> Readings =>
    [
        _stream.Reading,
        _jsonl?.Reading ?? new OutputReading("jsonl", 0, 0, 0, 0),
        _otlp?.Reading ?? new OutputReading("otlp", 0, 0, 0, 0),
    ];

    /// <summary>Starts to serve.</summary>
    /// <exception cref="InputException">An address cannot be listened at.</exception>
    public async Task StartAsync(CancellationToken cancellation)
    {
        if (_server is not null)
            await _server.StartAsync(cancellation);
    }

    /// <summary>Takes a batch of the graph, in its order, empty ones too: they say that the graph turns. Waits for nobody.</summary>
    public void Observe(CorrelationBatch batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        _health.Beat();
        _metrics.Observe(batch, KernelClock.MonotonicNs());
        _stream.Publish(batch.Correlations);
        _jsonl?.Publish(batch.Correlations);
        _otlp?.Publish(batch.Correlations);
    }

    /// <summary>Opens the file of JSON lines by its name again (SIGHUP).</summary>
    public void Reopen() => _jsonl?.Reopen();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();
        if (_jsonl is not null)
            await _jsonl.DisposeAsync();
        if (_otlp is not null)
            await _otlp.DisposeAsync();
    }
}
