using CrossLayer.Actors.Correlations;

namespace CrossLayer.Host.Lab.Negatives;

/// <summary>
/// The server's process stands still for a moment and goes on, as while its garbage is collected: all its threads are stopped, as a
/// collector stops them. What waited meanwhile is slow, and that the process was is true; that the network was is not.
/// </summary>
internal sealed class LongCollection : Negative
{
    private static readonly TimeSpan Between = TimeSpan.FromMilliseconds(600);

    /// <inheritdoc/>
    public override string Name => "long_collection";

    /// <inheritdoc/>
    public override LabHost Where => LabHost.Server;

    /// <inheritdoc/>
    public override TimeSpan Hold => TimeSpan.FromSeconds(3);

    /// <inheritdoc/>
    // The request lay unread, or was read and not answered.
    public override IReadOnlyList<Cause> MayBeFound => [Actors.Correlations.Cause.ProcessStall, Actors.Correlations.Cause.SlowHandler];

    /// <inheritdoc/>
    public override string Describe(Intensity intensity) => $"the server's process stands still for {Milliseconds(intensity)} ms, again and again";

    /// <inheritdoc/>
    public override Task<ArmedFault> ArmAsync(LabSetup lab, Intensity intensity, CancellationToken cancellation = default)
    {
        var process = lab.ServerFor(this).Process ?? throw new LabException($"{this} stops the server's process, and this lab's server has none of its own");
        var stop = new CancellationTokenSource();
        var (paused, pause) = (0L, TimeSpan.FromMilliseconds(Milliseconds(intensity)));
        var running = Task.Run(PauseAsync, CancellationToken.None);
        return Task.FromResult(new ArmedFault(
            async _ =>
            {
                if (running.IsFaulted)
                    await running;
                return new FaultEvidence(new FaultReading("proc", "pauses in which its state was T", Interlocked.Read(ref paused)));
            },
            async give =>
            {
                await stop.CancelAsync();
                await running.WaitAsync(give);
                stop.Dispose();
            }));

        async Task PauseAsync()
        {
            while (!stop.IsCancellationRequested)
            {
                process.Stall();
                try
                {
                    await Task.Delay(pause, CancellationToken.None);
                    if (process.State == 'T')
                        Interlocked.Increment(ref paused);
                }
                finally
                {
                    process.Resume();
                }

                await Task.Delay(Between, CancellationToken.None);
            }
        }
    }

    private static int Milliseconds(Intensity intensity) => Of(intensity, 150, 350, 800, 600);
}
