using Akka.Configuration;
using CrossLayer.Actors.Graph;
using CrossLayer.Host.Ingest;
using Microsoft.Extensions.Hosting;

namespace CrossLayer.Host.Daemon;

/// <summary>The daemon's sources and outputs: made from the configuration, started outputs first, stopped sources first.</summary>
internal sealed class DaemonParts(Config config)
{
    // A graph without input still has a watermark that moves: the probe hands on empty batches.
    private static readonly TimeSpan LongestSilence = TimeSpan.FromSeconds(30);

    private readonly List<IHostedService> _sources = [];
    private readonly List<IHostedService> _outputs = [];
    private readonly List<RecordIntake> _intakes = [];
    private long _lastBatchMs = Environment.TickCount64;

    /// <summary>What a configuration makes run, a line each; checks it on the way.</summary>
    /// <exception cref="ConfigurationException">A setting cannot be used; the message names it.</exception>
    public static IReadOnlyList<string> Plan(Config config) => [$"journal: {CrossLayer.Actors.Journal.JournalSettings.From(config).Name}"];

    /// <summary>The graph has moved of late.</summary>
    public bool IsAlive => Environment.TickCount64 - Volatile.Read(ref _lastBatchMs) < LongestSilence.TotalMilliseconds;

    /// <summary>Sees correlations once their discrepancies are durable.</summary>
    public void Observe(CorrelationBatch batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        Volatile.Write(ref _lastBatchMs, Environment.TickCount64);
    }

    /// <summary>Makes and starts them.</summary>
    public async Task StartAsync(IServiceProvider services, LivePipeline pipeline, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(pipeline);
        _ = (config, services, new PipelineSink(pipeline));
        foreach (var part in _outputs.Concat(_sources))
            await part.StartAsync(cancellation);
    }

    /// <summary>What runs, in words.</summary>
    public string Describe() => $"{_sources.Count} sources, {_outputs.Count} outputs";

    /// <summary>Opens again what a log rotation may have moved away.</summary>
    public void Reload()
    {
        foreach (var part in _outputs.OfType<IReopens>())
            part.Reopen();
    }

    /// <summary>Ends the sources; what they were told is taken is in the pipeline then.</summary>
    public Task StopSourcesAsync(CancellationToken cancellation) => StopAsync(_sources, cancellation);

    /// <summary>Ends the outputs.</summary>
    public Task StopOutputsAsync(CancellationToken cancellation) => StopAsync(_outputs, cancellation);

    private static async Task StopAsync(List<IHostedService> parts, CancellationToken cancellation)
    {
        for (var i = parts.Count - 1; i >= 0; i--)
            await parts[i].StopAsync(cancellation);
        parts.Clear();
    }
}
