using CrossLayer.Host.Demo.Cluster;

namespace CrossLayer.Evaluation.Cluster;

/// <summary>Starts each daemon again a while after it has ended, as systemd does.</summary>
internal sealed class Supervisor : IAsyncDisposable
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(200);

    private readonly TimeSpan _pause;
    private readonly CancellationTokenSource _end = new();
    private readonly Task _watching;

    internal Supervisor(IEnumerable<ClusterDemoHost> hosts, TimeSpan pause)
    {
        _pause = pause;
        _watching = Task.WhenAll(hosts.Select(WatchAsync));
    }

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
            await WaitAsync(Poll);
            if (host.Process.IsRunning)
                continue;
            await WaitAsync(_pause);
            if (_end.IsCancellationRequested)
                break;
            await host.RestartAsync();
            lock (_end)
                Restarts++;
        }
    }

    private Task WaitAsync(TimeSpan time) => Task.Delay(time, _end.Token).ContinueWith(_ => { }, TaskScheduler.Default);
}
