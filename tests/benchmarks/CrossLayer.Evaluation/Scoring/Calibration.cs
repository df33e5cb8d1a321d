using CrossLayer.Actors.Correlations;

namespace CrossLayer.Evaluation.Scoring;

/// <summary>How often matches of one method and one confidence are right.</summary>
internal sealed class Calibration
{
    /// <summary>Confidences are put together in steps of this.</summary>
    private const double Step = 0.05;
    private const int Buckets = 20;

    private readonly SortedDictionary<(MatchMethod Method, int Bucket), (long Right, long Matches, double Sum)> _buckets = [];

    /// <summary>One bucket.</summary>
    /// <param name="Method">How the records were matched.</param>
    /// <param name="From">The least confidence that stands here.</param>
    /// <param name="To">The one at which the next bucket begins; the last one's end is in it.</param>
    /// <param name="Mean">The mean of the confidences that stand here.</param>
    /// <param name="Matches">Records that stand with an exchange.</param>
    /// <param name="Right">Those that stand with theirs.</param>
    internal readonly record struct Row(MatchMethod Method, double From, double To, double Mean, long Matches, long Right);

    /// <summary>The buckets that hold anything, from the strongest method to the weakest.</summary>
    internal IEnumerable<Row> Rows => _buckets
        .OrderBy(bucket => bucket.Key.Method).ThenByDescending(bucket => bucket.Key.Bucket)
        .Select(bucket => new Row(bucket.Key.Method, bucket.Key.Bucket * Step, (bucket.Key.Bucket + 1) * Step,
            bucket.Value.Sum / bucket.Value.Matches, bucket.Value.Matches, bucket.Value.Right));

    /// <summary>Counts a record; one without an exchange makes no claim.</summary>
    internal void Add(Match match, Outcome outcome)
    {
        if (outcome is not (Outcome.Right or Outcome.Wrong))
            return;
        // 0.95 / 0.05 is a little less than 19.
        var key = (match.Method, Math.Min((int)((match.Confidence / Step) + 1e-9), Buckets - 1));
        var (right, matches, sum) = _buckets.GetValueOrDefault(key);
        _buckets[key] = (right + (outcome == Outcome.Right ? 1 : 0), matches + 1, sum + match.Confidence);
    }
}
