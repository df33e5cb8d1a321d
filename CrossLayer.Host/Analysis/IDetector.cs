using CrossLayer.Actors.Correlations;
using CrossLayer.Actors.Requests;

namespace CrossLayer.Host.Analysis;

/// <summary>Says of requests how suspicious they are. The same input gives the same scores, so that a stored experiment can be judged again.</summary>
internal interface IDetector
{
    /// <summary>In snake_case.</summary>
    string Name { get; }

    /// <summary>What it looks at.</summary>
    DetectorLayer Layer { get; }

    /// <summary>
    /// Takes note of what applications report of ordinary traffic: called for one episode after the other, before anything is judged.
    /// Figures are kept, not the episode.
    /// </summary>
    void Learn(EpisodeRecords benign);

    /// <summary>
    /// Scores the requests of an episode. One that is not named has a score of 0; one that is named several times has the highest
    /// of its scores, and raises the alarm at the earliest time at which one of them was high enough.
    /// </summary>
    IEnumerable<Suspicion> Judge(EpisodeInput episode);
}

/// <summary>What a detector looks at.</summary>
internal enum DetectorLayer
{
    /// <summary>Nothing: it guesses.</summary>
    Dummy,

    /// <summary>What applications report.</summary>
    Application,

    /// <summary>What the kernel saw.</summary>
    Kernel,

    /// <summary>Both, each for itself.</summary>
    Union,

    /// <summary>Both, held against each other.</summary>
    CrossLayer,
}

/// <summary>What a detector makes of a request.</summary>
/// <param name="Request">The request.</param>
/// <param name="Score">The higher, the more suspicious; 0 is not at all. What score is an alarm is found by tuning.</param>
/// <param name="AtUnixNs">When it could say so: nanoseconds since the Unix epoch.</param>
/// <param name="Cause">What it takes for the cause; null where it names none.</param>
/// <param name="Abstains">It says that it cannot say.</param>
internal readonly record struct Suspicion(RequestId Request, double Score, long AtUnixNs, Cause? Cause = null, bool Abstains = false);
