using Akka.Configuration;
using CrossLayer.Actors.Recording;

namespace CrossLayer.Host.Replaying;

/// <summary>What to replay, and how.</summary>
/// <param name="Session">A session's name, or <c>last</c>; null for the last, or for all that <paramref name="Span"/> touches.</param>
/// <param name="Span">Requests of which time.</param>
/// <param name="Changes">Settings that are to differ from those of the run, by their full path.</param>
internal sealed record ReplayRequest(string? Session, ReplaySpan Span, Config Changes)
{
    /// <summary>The word for the newest session.</summary>
    public const string Last = "last";
}
