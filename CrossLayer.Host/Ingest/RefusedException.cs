using System.Globalization;

namespace CrossLayer.Host.Ingest;

/// <summary>What a sender sent is not taken. The message is one line that says why, and what would be.</summary>
/// <param name="statusCode">The HTTP status that says so.</param>
/// <param name="reason">What it is counted as.</param>
/// <param name="message">For the sender.</param>
/// <param name="retryAfter">When it may be sent again; null: not as it is.</param>
/// <param name="count">How many records that is, where they can be told apart.</param>
internal sealed class RefusedException(
    int statusCode, Rejection reason, string message, TimeSpan? retryAfter = null, long count = 1, Exception? inner = null)
    : Exception(message, inner)
{
    /// <summary>The HTTP status.</summary>
    public int StatusCode => statusCode;

    /// <summary>What it is counted as.</summary>
    public Rejection Reason => reason;

    /// <summary>How many records that is; 1 where they cannot be told apart.</summary>
    public long Count => count;

    /// <summary>When it may be sent again; null: not as it is.</summary>
    public TimeSpan? RetryAfter => retryAfter;

    /// <summary>The same as HTTP has it (RFC 9110, 10.2.3): whole seconds, at least one.</summary>
    public static string Seconds(TimeSpan time) =>
        Math.Max(1, (int)Math.Ceiling(time.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
}
