using System.Diagnostics;
using System.Globalization;
using System.Net;
using CrossLayer.Actors.Requests;
using CrossLayer.Host.Demo;
using CrossLayer.Host.Demo.Cluster;
using CrossLayer.Host.Lab;

namespace CrossLayer.Evaluation.Cluster;

/// <summary>
/// Torments a cluster of three under traffic, one fault after the other, and takes the time that it needs to be whole again: from the end of
/// the fault until all three are members for each of them, and requests have four views again, ten in a row.
/// </summary>
internal sealed class Nemesis(ClusterDemo demo, HostClocks clocks, string folder)
{
    private const int IntervalMs = 100;
    private const int WholeInRow = 10;
    private const double SlowMs = 500;
    private static readonly TimeSpan Before = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(300);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(150);
    private static readonly TimeSpan StartsWithin = TimeSpan.FromSeconds(25);

    private readonly long _started = Stopwatch.GetTimestamp();
    private long _unread = NemesisLog.FirstUnread;

    /// <summary>What was asked and reported.</summary>
    internal NemesisLog Log { get; } = new(demo.Hosts);

    /// <summary>Numbers of the requests whose responses nobody read.</summary>
    internal IEnumerable<long> Unread => Enumerable.Range(0, (int)(_unread - NemesisLog.FirstUnread)).Select(i => NemesisLog.FirstUnread + i);

    /// <summary>Second daemons on the journal of one that stood still, and what became of them.</summary>
    internal List<string> SecondWriters { get; } = [];

    private TimeSpan Now => Stopwatch.GetElapsedTime(_started);

    /// <summary>Does one thing, undoes it, and waits.</summary>
    /// <returns>How long it took to be whole again; null if it was not after <see cref="Patience"/>.</returns>
    internal async Task<TimeSpan?> RunAsync(NemesisEpisode episode, CancellationToken cancellation)
    {
        var records = Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"client-{episode.Number}.jsonl"));
        await using var load = demo.StartLoad(1_000_000, IntervalMs, 5000, records);
        Log.Follow(records);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var unread = CloseUnreadAsync(end.Token);
        try
        {
            await Task.Delay(Before, cancellation);
            await FaultAsync(episode, cancellation);
            return await WholeAgainAsync(Now - (episode.Fault == NemesisFault.Skew ? episode.Lasts : TimeSpan.Zero), cancellation);
        }
        finally
        {
            await end.CancelAsync();
            await unread;
        }
    }

    /// <summary>Waits until no host waits for another any more, and reads the rest.</summary>
    internal async Task<bool> SettleAsync(TimeSpan patience, CancellationToken cancellation)
    {
        var until = Now + patience;
        while (Now < until)
        {
            await Task.Delay(TimeSpan.FromSeconds(2), cancellation);
            Log.Read(Now, SlowMs);
            var readings = await Task.WhenAll(demo.Hosts.Select(host => host.ReadAsync(cancellation)));
            if (readings.All(reading => reading is { Waiting: 0 }))
                return true;
        }

        return false;
    }

    private async Task FaultAsync(NemesisEpisode episode, CancellationToken cancellation)
    {
        var victim = demo.Hosts[episode.Victim];
        switch (episode.Fault)
        {
            case NemesisFault.Kill:
                victim.Process.Crash();
                break;
            case NemesisFault.Stop:
                victim.Process.Stall();
                await SecondWriterAsync(victim, cancellation);
                await Task.Delay(episode.Lasts, cancellation);
                victim.Process.Resume();
                break;
            case NemesisFault.Partition or NemesisFault.OneWay:
                var isPartition = episode.Fault == NemesisFault.Partition;
                await demo.CutOffAsync(episode.Victim, cancellation, isPartition || episode.Inward, isPartition || !episode.Inward);
                await Task.Delay(episode.Lasts, cancellation);
                await demo.HealAsync(episode.Victim, cancellation);
                break;
            case NemesisFault.Skew:
                clocks.Set(ClusterDemo.HostOf(episode.Victim), episode.SkewSeconds);
                await Task.Delay(episode.Lasts, cancellation); // it stays so: what that does is to be seen
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(episode), episode.Fault, "no such fault");
        }
    }

    /// <summary>Whoever takes a daemon that stands still for dead starts another: it must not write the first one's journal.</summary>
    private async Task SecondWriterAsync(ClusterDemoHost victim, CancellationToken cancellation)
    {
        var last = "";
        await using var another = victim.StartAnother(line => Volatile.Write(ref last, line));
        for (var waited = TimeSpan.Zero; another.IsRunning && !Volatile.Read(ref last).Contains("ready: ", StringComparison.Ordinal) && waited < StartsWithin; waited += Poll)
            await Task.Delay(Poll, cancellation);
        SecondWriters.Add(another.IsRunning ? "RUNS" : last);
    }

    private async Task<TimeSpan?> WholeAgainAsync(TimeSpan healed, CancellationToken cancellation)
    {
        TimeSpan? members = null;
        while (Now - healed < Patience)
        {
            await Task.Delay(Poll, cancellation);
            Log.Read(Now, SlowMs);
            var readings = await Task.WhenAll(demo.Hosts.Select(host => host.ReadAsync(cancellation)));
            var isWhole = readings.All(reading => reading?.Members.Count == demo.Hosts.Count
                && reading.Members.All(member => member is { Status: "up", Reachable: true, Addresses.Count: > 0 }));
            // A member that has not noticed yet is not whole.
            members = isWhole ? members ?? Now : null;
            if (members is { } since && Log.FirstWhole(healed, WholeInRow) is { } requests)
                return (since > requests ? since : requests) - healed;
        }

        return null;
    }

    private async Task CloseUnreadAsync(CancellationToken cancellation)
    {
        var server = new IPEndPoint(LabNetwork.ServerAddress, ClusterDemo.ServerPort);
        while (!cancellation.IsCancellationRequested)
        {
            await demo.Network.Client.RunIn(() => RawClient.CloseUnreadAsync(server, RequestId.From(_unread++), "/", CancellationToken.None));
            await Task.Delay(TimeSpan.FromSeconds(1), cancellation).ContinueWith(_ => { }, TaskScheduler.Default);
        }
    }
}
