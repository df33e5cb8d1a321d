using CrossLayer.Actors.Requests;

namespace CrossLayer.Evaluation.Traffic;

/// <summary>Client and server of one workload, each on threads of its own with blocking sockets.</summary>
internal sealed class TrafficRun : IDisposable
{
    private readonly Workload _workload;
    private readonly TrafficServer _server;
    private readonly TrafficClient _client;
    private int _clientsDone;

    /// <param name="workload">What is done.</param>
    /// <param name="seed">Sizes and think times follow from it.</param>
    /// <param name="ended">Told of each request's end, by both sides, from many threads.</param>
    /// <param name="pause">Called before each connection; may hold the client up.</param>
    internal TrafficRun(Workload workload, int seed, Action<RequestFacts, RequestRole> ended, Action pause)
    {
        _workload = workload;
        Facts = [.. Enumerable.Range(0, workload.Requests).Select(number => new RequestFacts { Number = number })];
        _server = new TrafficServer(workload, Facts, ended);
        _client = new TrafficClient(workload, Facts, _server.Address, seed, (facts, role) =>
        {
            Interlocked.Increment(ref _clientsDone);
            ended(facts, role);
        }, pause);
    }

    /// <summary>The requests by number; complete once the run is over.</summary>
    internal RequestFacts[] Facts { get; }

    /// <summary>The server's port.</summary>
    internal ushort Port => (ushort)_server.Address.Port;

    /// <summary>Requests that the client is done with.</summary>
    internal int Done => Volatile.Read(ref _clientsDone);

    /// <inheritdoc cref="TrafficClient.RefusedPorts"/>
    internal int RefusedPorts => _client.RefusedPorts;

    /// <summary>Runs to the end.</summary>
    internal async Task RunAsync(CancellationToken cancellation)
    {
        var servers = Start(_server.Work);
        try
        {
            await Start(worker => _client.Work(worker, cancellation));
        }
        catch
        {
            // A server left waiting fails when its listener goes; the client's failure is the one to tell of.
            _server.Dispose();
            _ = servers.ContinueWith(failed => failed.Exception, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            throw;
        }

        await servers;
    }

    /// <inheritdoc/>
    public void Dispose() => _server.Dispose();

    private Task Start(Action work) => Start(_ => work());

    private Task Start(Action<int> work) => Task.WhenAll(Enumerable.Range(0, _workload.Concurrency).Select(worker =>
        Task.Factory.StartNew(() => work(worker), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)));
}
