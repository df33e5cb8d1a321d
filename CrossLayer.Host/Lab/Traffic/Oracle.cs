using CrossLayer.Actors.Requests;
using CrossLayer.Host.Experiments;

namespace CrossLayer.Host.Lab.Traffic;

/// <summary>A request as its client knows it: what it reports, where it was, and whether the body was the one it asked for.</summary>
/// <param name="Record">What the client's application reports.</param>
/// <param name="Trace">Where it was.</param>
/// <param name="Outcome">What the client got.</param>
/// <param name="Misbehaved">The client itself met it with a behaviour other than the ordinary.</param>
internal sealed record SentRequest(RequestRecord Record, RequestTrace Trace, Outcome Outcome, bool Misbehaved);

/// <summary>Keeps what clients know of their requests. May be used from several threads at once.</summary>
internal sealed class Oracle
{
    private readonly Lock _lock = new();
    private List<SentRequest> _sent = [];

    /// <summary>Told of each request as it ends.</summary>
    public event Action<RequestRecord>? Reported;

    /// <summary>Takes a request that has ended.</summary>
    public void Add(SentRequest sent)
    {
        lock (_lock)
        {
            _sent.Add(sent);
            Reported?.Invoke(sent.Record);
        }
    }

    /// <summary>Those since the last call, in the order in which they ended.</summary>
    public IReadOnlyList<SentRequest> Take()
    {
        lock (_lock)
        {
            var sent = _sent;
            _sent = [];
            return sent;
        }
    }
}
