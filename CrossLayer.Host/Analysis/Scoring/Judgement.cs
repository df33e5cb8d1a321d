namespace CrossLayer.Host.Analysis.Scoring;

/// <summary>What a detector said of the requests of an episode, by the name that labels have for them.</summary>
internal sealed class Judgement
{
    private readonly ILookup<string, Suspicion> _suspicions;

    /// <param name="suspicions">All that it said, in any order.</param>
    public Judgement(IEnumerable<Suspicion> suspicions) => _suspicions = suspicions.ToLookup(suspicion => suspicion.Request.Text);

    /// <summary>All that it said.</summary>
    public IEnumerable<Suspicion> Suspicions => _suspicions.SelectMany(ofRequest => ofRequest);

    /// <summary>The highest score of a request; 0 where nothing was said of it.</summary>
    public double ScoreOf(string request) => _suspicions[request].Where(suspicion => !suspicion.Abstains).Select(suspicion => suspicion.Score).DefaultIfEmpty(0).Max();

    /// <summary>What a threshold makes of it.</summary>
    /// <param name="request">The request.</param>
    /// <param name="threshold">A score above it is an alarm.</param>
    public Decision Decide(string request, double threshold)
    {
        var said = _suspicions[request].ToList();
        if (said.Count == 0)
            return default;
        // Of equal scores the earliest; an abstention only where nothing else was said.
        var highest = said.OrderBy(suspicion => suspicion.Abstains).ThenByDescending(suspicion => suspicion.Score).ThenBy(suspicion => suspicion.AtUnixNs).First();
        var alarms = said.Where(suspicion => !suspicion.Abstains && suspicion.Score > threshold).ToList();
        return alarms.Count > 0
            ? new Decision(Alarm: true, Abstained: false, highest.Score, alarms.Min(alarm => alarm.AtUnixNs), highest.Cause)
            : new Decision(Alarm: false, said.Exists(suspicion => suspicion.Abstains), highest.Score, highest.AtUnixNs, highest.Cause);
    }
}
