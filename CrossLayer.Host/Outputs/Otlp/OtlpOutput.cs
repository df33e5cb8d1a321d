using System.Diagnostics;
using System.Threading.Channels;
using Akka.Configuration;
using CrossLayer.Actors.Correlations;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace CrossLayer.Host.Outputs.Otlp;

/// <summary>
/// Sends discrepancies to an OpenTelemetry collector (OTLP over HTTP, protobuf), from a bounded queue on a thread of its own. A collector that is
/// away is tried again; meanwhile discrepancies wait, and what finds no room is dropped and counted.
/// </summary>
internal sealed class OtlpOutput : IAsyncDisposable
{
    private const string Name = "otlp";
    private const int MostAtOnce = 256;

    private static readonly string Version = typeof(OtlpOutput).Assembly.GetName().Version?.ToString(3) ?? "unknown";

    private readonly OtlpSettings _settings;
    private readonly OutputTrouble _trouble;
    private readonly Channel<Correlation> _waiting;
    private readonly ActivitySource _source = new(DiscrepancySpan.Scope, Version);
    private readonly SpanCollector _collector;
    private readonly TracerProvider _provider;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _sending;
    private long _delivered;
    private long _dropped;
    private long _retries;
    private int _inHand;

    /// <summary>Starts to send.</summary>
    /// <param name="settings">Where and how; the endpoint is not null.</param>
    /// <param name="logger">The log.</param>
    /// <exception cref="ConfigurationException">The token cannot be read.</exception>
    public OtlpOutput(OtlpSettings settings, ILogger logger)
    {
        ArgumentNullException.ThrowIfNull(settings);
        _trouble = new OutputTrouble(Name, logger);
        _settings = settings;
        _collector = new SpanCollector(
            new OtlpTraceExporter(new OtlpExporterOptions
            {
                Endpoint = settings.Endpoint ?? throw new ArgumentException("no endpoint", nameof(settings)),
                Protocol = OtlpExportProtocol.HttpProtobuf,
                TimeoutMilliseconds = (int)settings.Timeout.TotalMilliseconds,
                Headers = Headers(settings),
            }),
            _source);
        _provider = Sdk.CreateTracerProviderBuilder()
            .AddSource(DiscrepancySpan.Scope)
            .SetSampler(new AlwaysOnSampler())
            .ConfigureResource(resource => resource.Clear().AddService("crosslayer", serviceVersion: Version))
            .AddProcessor(_collector)
            .Build();
        _waiting = Channel.CreateBounded<Correlation>(new BoundedChannelOptions(settings.MaxWaiting) { SingleReader = true });
        _sending = Task.Run(SendAsync);
    }

    /// <summary>What became of what it was given.</summary>
    public OutputReading Reading => new(
        Name, Interlocked.Read(ref _delivered), Interlocked.Read(ref _dropped), Interlocked.Read(ref _retries),
        _waiting.Reader.Count + Volatile.Read(ref _inHand));

    /// <summary>Takes correlations, and keeps the discrepancies among them; waits for nobody.</summary>
    public void Publish(IReadOnlyList<Correlation> correlations)
    {
        ArgumentNullException.ThrowIfNull(correlations);
        foreach (var correlation in correlations)
        {
            if (correlation.Finding.Verdict == Verdict.Discrepant && !_waiting.Writer.TryWrite(correlation))
                Interlocked.Increment(ref _dropped);
        }
    }

    /// <summary>Sends what waits, each batch once, until the collector does not take one; the rest is dropped, and counted.</summary>
    public async ValueTask DisposeAsync()
    {
        _waiting.Writer.TryComplete();
        await _stopping.CancelAsync();
        await _sending;
        _provider.Dispose();
        _source.Dispose();
        _stopping.Dispose();
    }

    private static string? Headers(OtlpSettings settings)
    {
        if (settings.TokenFile is null)
            return null;
        try
        {
            var token = File.ReadLines(settings.TokenFile).FirstOrDefault()?.Trim();
            return $"Authorization={Uri.EscapeDataString($"Bearer {token}")}";
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationException($"crosslayer.outputs.otlp.token-file = {settings.TokenFile}: {exception.Message}", exception);
        }
    }

    private async Task SendAsync()
    {
        var isAway = false;
        while (await _waiting.Reader.WaitToReadAsync(CancellationToken.None))
        {
            for (var i = 0; i < MostAtOnce && _waiting.Reader.TryRead(out var correlation); i++)
                DiscrepancySpan.Emit(_source, correlation);
            var spans = _collector.Take();
            Volatile.Write(ref _inHand, spans.Length);
            isAway = isAway && _stopping.IsCancellationRequested;
            isAway = isAway || !await TrySendAsync(spans);
            Interlocked.Add(ref isAway ? ref _dropped : ref _delivered, spans.Length);
            Volatile.Write(ref _inHand, 0);
        }
    }

    /// <returns>False once it is given up.</returns>
    private async Task<bool> TrySendAsync(Activity[] spans)
    {
        var since = Stopwatch.GetTimestamp();
        for (var wait = _settings.RetryAfter; !_collector.Send(spans); wait = wait * 2 < _settings.RetryAfterAtMost ? wait * 2 : _settings.RetryAfterAtMost)
        {
            _trouble.Failed($"{_settings.Endpoint} does not take discrepancies");
            if (_stopping.IsCancellationRequested || Stopwatch.GetElapsedTime(since) + wait > _settings.GiveUpAfter)
                return false;
            Interlocked.Increment(ref _retries);
            await Task.Delay(wait, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        _trouble.Worked();
        return true;
    }
}
