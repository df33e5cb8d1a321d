namespace CrossLayer.Actors.Correlations;

/// <summary>Routes as the configuration names them.</summary>
internal static class RoutePattern
{
    /// <summary>True if a route is the one that is named, or, where that ends with <c>*</c>, begins like it.</summary>
    internal static bool Fits(string pattern, string route) =>
        pattern.EndsWith('*') ? route.StartsWith(pattern[..^1], StringComparison.Ordinal) : route == pattern;
}
