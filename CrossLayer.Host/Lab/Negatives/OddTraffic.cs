using CrossLayer.Host.Lab.Injection;
using CrossLayer.Host.Lab.Traffic;

namespace CrossLayer.Host.Lab.Negatives;

/// <summary>Clients that do something unusual, again and again, beside the ordinary users. What is in force is their traffic.</summary>
internal abstract class OddTraffic : Negative
{
    private static readonly TimeSpan Rest = TimeSpan.FromMilliseconds(40);

    /// <inheritdoc/>
    public override LabHost Where => LabHost.Client;

    /// <summary>What each of them does, in words.</summary>
    protected abstract string What { get; }

    /// <summary>What the kernel of a host counts of it; null where it counts nothing, and the clients' own count is what shows it.</summary>
    protected virtual (LabHost Host, string Name)? Counter => null;

    /// <inheritdoc/>
    public override string Describe(Intensity intensity) => $"{Clients(intensity)} at a time: {What}";

    /// <inheritdoc/>
    public override Task<ArmedFault> ArmAsync(LabSetup lab, Intensity intensity, CancellationToken cancellation = default) =>
        Task.FromResult(Begin(lab, intensity, lab.TrafficFor(this)));

    /// <summary>Begins the traffic.</summary>
    protected ArmedFault Begin(LabSetup lab, Intensity intensity, LabClient client)
    {
        long made = 0;
        var before = Counted(lab);
        var stop = new CancellationTokenSource();
        var running = Task.WhenAll(Enumerable.Range(0, Clients(intensity)).Select(_ => Task.Run(GoOnAsync, CancellationToken.None)));
        return new ArmedFault(ReadAsync, EndAsync) { EndsBeforeItIsRead = true };

        async Task GoOnAsync()
        {
            while (!stop.IsCancellationRequested)
            {
                Interlocked.Add(ref made, await RoundAsync(client, stop.Token));
                await Task.Delay(Rest, CancellationToken.None);
            }
        }

        async Task<FaultEvidence> ReadAsync(CancellationToken cancellation)
        {
            // Whoever failed did not make what was to be made.
            if (running.IsFaulted)
                await running;
            var own = new FaultReading("client", $"{Name} made", Interlocked.Read(ref made));
            return Counter is { } counter
                ? new FaultEvidence(new FaultReading("netstat", counter.Name, Counted(lab) - before), own)
                : new FaultEvidence(own);
        }

        async Task EndAsync(CancellationToken cancellation)
        {
            await stop.CancelAsync();
            await running.WaitAsync(cancellation);
            stop.Dispose();
        }
    }

    /// <summary>Does it once, and tells the oracle of each request as an honest client's application would report it.</summary>
    /// <param name="client">Whose network and whose oracle it is.</param>
    /// <param name="stop">No more is to be begun; what was is seen to its end.</param>
    /// <returns>How often it was really made.</returns>
    protected abstract Task<int> RoundAsync(LabClient client, CancellationToken stop);

    private static int Clients(Intensity intensity) => Of(intensity, 1, 2, 4, 3);

    private long Counted(LabSetup lab) => Counter is { } counter ? NetstatCounters.Of(lab.Network[counter.Host])[counter.Name] : 0;
}
