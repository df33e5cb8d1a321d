using CrossLayer.Actors.Correlations;

namespace CrossLayer.Actors.Hosts;

/// <summary>Tells which requests have their other end on another host that is watched too. Safe to ask from any thread.</summary>
public interface IOtherHosts
{
    /// <summary>The host that has the other end of a window's request; null if this host has both, or nobody watches the other.</summary>
    string? PeerOf(RequestWindow window);
}
