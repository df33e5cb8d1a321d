using CrossLayer.Actors.Correlations;
using CrossLayer.Host.Outputs.Http;

namespace CrossLayer.Host.Outputs.Stream;

/// <summary>The live stream's state: what readers may still have, who reads, and what they missed.</summary>
/// <param name="settings">Its bounds.</param>
/// <param name="run">Tells this run's ids from those of another.</param>
internal sealed class EventStream(OutputHttpSettings settings, long run)
{
    private readonly EventLog _all = new(settings.StreamBuffer);
    private readonly EventLog _discrepancies = new(settings.StreamBuffer);
    private long _sent;
    private long _missed;
    private int _clients;

    /// <summary>This run.</summary>
    public long Run => run;

    /// <summary>Its bounds.</summary>
    public OutputHttpSettings Settings => settings;

    /// <summary>Readers now.</summary>
    public int Clients => Volatile.Read(ref _clients);

    /// <summary>What readers got, and what they missed, over all of them.</summary>
    public OutputReading Reading => new("stream", Interlocked.Read(ref _sent), Interlocked.Read(ref _missed), 0, 0);

    /// <summary>The correlations of one kind.</summary>
    public EventLog LogOf(bool all) => all ? _all : _discrepancies;

    /// <summary>Adds correlations; waits for nobody.</summary>
    public void Publish(IReadOnlyList<Correlation> correlations)
    {
        ArgumentNullException.ThrowIfNull(correlations);
        if (correlations.Count == 0)
            return;
        _all.Append(correlations);
        _discrepancies.Append(correlations.Where(correlation => correlation.Finding.Verdict == Verdict.Discrepant));
    }

    /// <summary>Lets a reader in.</summary>
    /// <returns>False where there are as many as there may be.</returns>
    public bool TryEnter()
    {
        if (Interlocked.Increment(ref _clients) <= settings.MaxStreams)
            return true;
        Interlocked.Decrement(ref _clients);
        return false;
    }

    /// <summary>A reader has gone.</summary>
    public void Leave() => Interlocked.Decrement(ref _clients);

    /// <summary>A reader got events.</summary>
    public void Sent(int count) => Interlocked.Add(ref _sent, count);

    /// <summary>A reader missed events.</summary>
    public void Missed(long count) => Interlocked.Add(ref _missed, count);
}
