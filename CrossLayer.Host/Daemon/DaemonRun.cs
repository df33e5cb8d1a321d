using System.Runtime.InteropServices;
using Akka.Actor;
using Akka.Configuration;
using CrossLayer.Actors.Cluster;
using CrossLayer.Actors.Configuration;
using CrossLayer.Actors.Graph;
using CrossLayer.Actors.Journal;
using CrossLayer.Probe;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace CrossLayer.Host.Daemon;

/// <summary>
/// One run of the daemon: journal, pipeline, outputs and sources come up in this order, and go in the other, so that what a source
/// was told is taken is correlated and kept.
/// </summary>
internal sealed partial class DaemonRun : IAsyncDisposable
{
    private readonly DaemonSettings _settings;
    private readonly Func<Config> _reload;
    private readonly DaemonLog _log;
    private readonly DaemonListener _listener;
    private readonly SystemdUnit _unit = new();
    private readonly IHost _host;
    private readonly ILogger<DaemonRun> _logger;
    private readonly DaemonParts _parts;
    private Config _config;

    private DaemonRun(Config config, DaemonSettings settings, Func<Config> reload, IKernelProbe? probe, Func<IKernelProbe>? startProbe)
    {
        (_config, _settings, _reload) = (config, settings, reload);
        _log = new DaemonLog(settings.LogLevel, settings.LogFormat);
        _parts = new DaemonParts(config);
        _listener = new DaemonListener(probe, startProbe, _parts.Observe);
        var builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(null);
        _log.Configure(builder.Logging);
        builder.Services.AddCrossLayer(config, JournalSettings.From(config), _listener, logged: true);
        _host = builder.Build();
        _logger = _host.Services.GetRequiredService<ILogger<DaemonRun>>();
    }

    /// <summary>Runs until it is told to stop, or something ends that cannot be mended from within.</summary>
    /// <param name="config">The configuration.</param>
    /// <param name="settings">The same, read.</param>
    /// <param name="reload">Reads the configuration again, on SIGHUP.</param>
    /// <param name="probe">The attached probe; null: none was to be had.</param>
    /// <param name="startProbe">Starts another when that one is gone; null: impossible without privileges.</param>
    /// <param name="cancellation">Ends it in order.</param>
    /// <returns>One of <see cref="ExitCode"/>.</returns>
    public static async Task<int> RunAsync(
        Config config, DaemonSettings settings, Func<Config> reload, IKernelProbe? probe, Func<IKernelProbe>? startProbe, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(settings);
        await using var run = new DaemonRun(config, settings, reload, probe, startProbe);
        return await run.RunAsync(cancellation);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _parts.DisposeAsync();
        await _unit.DisposeAsync();
        if (_host is IAsyncDisposable host)
            await host.DisposeAsync();
    }

    private async Task<int> RunAsync(CancellationToken cancellation)
    {
        await _host.StartAsync(CancellationToken.None);
        var pipeline = _host.Services.GetRequiredService<LivePipeline>();
        await pipeline.ProbeStatusAsync();
        using var reload = PosixSignalRegistration.Create(PosixSignal.SIGHUP, Reload);
        string? failure;
        try
        {
            await _parts.StartAsync(_host.Services, pipeline, () => _listener.Cost, cancellation);
            _unit.Ready(() => _parts.IsAlive && !pipeline.Completion.IsCompleted);
            LogReady(_logger, string.Join("; ", _parts.Describe()));
            failure = await UntilToldAsync(pipeline, cancellation);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            failure = null; // told to stop before it was up
        }
        catch
        {
            await StopAsync(pipeline);
            throw;
        }

        if (failure is not null)
            LogFailure(_logger, failure);
        return await StopAsync(pipeline) && failure is null ? ExitCode.Done : ExitCode.Failed;
    }

    /// <summary>Why it ends; null: it was told to.</summary>
    private async Task<string?> UntilToldAsync(LivePipeline pipeline, CancellationToken cancellation)
    {
        var told = Task.Delay(Timeout.Infinite, cancellation);
        var removed = _host.Services.GetRequiredService<Lazy<ClusterHost?>>().Value?.Removed;
        var first = await Task.WhenAny(told, removed ?? told, pipeline.Completion, _listener.ProbeGone, _parts.SourceFailed);
        if (first == told)
            return null;
        if (first == removed)
            return $"{await removed!}; started again, it joins as a new member";
        if (first == _listener.ProbeGone)
            return await _listener.ProbeGone;
        if (first == _parts.SourceFailed)
            return $"a source failed: {first.Exception?.GetBaseException().Message ?? "it ended by itself"}";
        return pipeline.Completion.Exception is { } exception ? $"the pipeline failed: {exception.GetBaseException().Message}" : "the pipeline ended by itself";
    }

    /// <summary>Ends everything in order.</summary>
    /// <returns>False if something was left behind; the log says what.</returns>
    private async Task<bool> StopAsync(LivePipeline pipeline)
    {
        _unit.Stopping();
        LogStopping(_logger, _settings.StopTimeout.TotalSeconds);
        using var bound = new CancellationTokenSource(_settings.StopTimeout);
        var inOrder = true;
        var lost = 0ul;
        try
        {
            pipeline.EndRecords();
            await _parts.StopSourcesAsync(bound.Token);
            var (probe, records) = await pipeline.StopAsync().WaitAsync(bound.Token);
            lost = probe.Counters.Lost + probe.Counters.Missed;
            LogStopped(_logger, probe.Counters.Made, lost, records.Accepted, records.Rejected);
        }
        catch (OperationCanceledException)
        {
            LogNotInTime(_logger, _settings.StopTimeout.TotalSeconds);
            inOrder = false;
        }
#pragma warning disable CA1031 // said, and the rest is still ended
        catch (Exception exception)
#pragma warning restore CA1031
        {
            LogFailure(_logger, exception.GetBaseException().Message);
            inOrder = false;
        }

        try
        {
            await _parts.StopOutputsAsync(lost);
        }
        catch (AskTimeoutException)
        {
            LogFailure(_logger, "the last summary was not written: the journal does not answer");
            inOrder = false;
        }

        await _host.StopAsync(CancellationToken.None);
        return inOrder;
    }

    private void Reload(PosixSignalContext context)
    {
        context.Cancel = true;
        _unit.Reloading();
        try
        {
            var config = _reload();
            var settings = DaemonSettings.From(config);
            _log.Level = settings.LogLevel;
            _parts.Reopen();
            // The actor says in the log what became of it.
            _host.Services.GetRequiredService<LivePipeline>().ChangeProbe(settings.Probe.Filter, settings.Probe.Mode);
            var waiting = ConfigurationKeys.Changed(_config, config).Except(DaemonSettings.Changeable).ToList();
            LogReloaded(_logger, waiting.Count == 0 ? "" : $"; at the next start: {string.Join(", ", waiting)}");
            _config = config;
        }
        catch (Exception exception) when (exception is InputException or ConfigurationException)
        {
            LogNotReloaded(_logger, exception.Message);
        }
        finally
        {
            _unit.Reloaded();
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "ready: {What}")]
    private static partial void LogReady(ILogger logger, string what);

    [LoggerMessage(Level = LogLevel.Information, Message = "stopping, for at most {Seconds} s")]
    private static partial void LogStopping(ILogger logger, double seconds);

    [LoggerMessage(Level = LogLevel.Information, Message = "stopped: {Made} kernel events made, {Lost} lost; {Accepted} records accepted, {Refused} refused")]
    private static partial void LogStopped(ILogger logger, ulong made, ulong lost, long accepted, long refused);

    [LoggerMessage(Level = LogLevel.Error, Message = "not ended in order within {Seconds} s (crosslayer.daemon.stop-timeout): what was in open windows is not in the journal")]
    private static partial void LogNotInTime(ILogger logger, double seconds);

    [LoggerMessage(Level = LogLevel.Critical, Message = "ending: {Why}")]
    private static partial void LogFailure(ILogger logger, string why);

    [LoggerMessage(Level = LogLevel.Information, Message = "configuration read again{Waiting}")]
    private static partial void LogReloaded(ILogger logger, string waiting);

    [LoggerMessage(Level = LogLevel.Error, Message = "configuration not read again, the old one stays: {Why}")]
    private static partial void LogNotReloaded(ILogger logger, string why);
}
