using CrossLayer.Host.Demo.Cluster;

namespace CrossLayer.Evaluation.Cluster;

/// <summary>Starts each daemon again a second after it has ended, as systemd does.</summary>
internal sealed class Supervisor : IAsyncDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _end = new();
    private readonly Task _watching;

    internal Supervisor(IEnumerable<ClusterDemoHost> hosts) => _watching = Task.WhenAll(hosts.Select(WatchAsync));

    /// <summary>How often one was started again.</summary>
    internal int Restarts { get; private set; }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _watching;
        _end.Dispose();
    }

    private async Task WatchAsync(ClusterDemoHost host)
    {
        while (!_end.IsCancellationRequested)
        {
            await Task.Delay(Pause, _end.Token).ContinueWith(_ => { }, TaskScheduler.Default);
            if (host.Process.IsRunning || _end.IsCancellationRequested)
                continue;
            await host.RestartAsync();
            lock (_end)
                Restarts++;
        }
    }
}
