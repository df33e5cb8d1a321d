namespace CrossLayer.Probe;

/// <summary>Which sockets are reported. Each of the conditions has to hold; an empty one always does. It can be changed while a probe runs.</summary>
public sealed record ProbeFilter
{
    /// <summary>The most network namespaces that can be named (CROSSLAYER_MAX_NETNS in bpf/crosslayer_settings.h).</summary>
    public const int MaxNetworkNamespaces = 8;

    /// <summary>The most control groups that can be named (CROSSLAYER_MAX_CGROUPS in bpf/crosslayer_settings.h).</summary>
    public const int MaxControlGroups = 8;

    /// <summary>A connection is reported if either of its ports is listed.</summary>
    public IReadOnlyList<ushort> Ports { get; init; } = [];

    /// <summary>
    /// Only sockets with one of these ports of their own: of a service's connections its own end alone, also where its clients are on the same
    /// machine. Packets that no socket had are reported if either port is listed.
    /// </summary>
    public IReadOnlyList<ushort> LocalPorts { get; init; } = [];

    /// <summary>Only sockets that this process owns, from its first connect, send or recv on; 0: of every process.</summary>
    public uint Pid { get; init; }

    /// <summary>Only sockets of these network namespaces, by their cookies (<see cref="NetnsCookie.Own"/>).</summary>
    public IReadOnlyList<ulong> NetworkNamespaces { get; init; } = [];

    /// <summary>Only sockets that were made in these control groups, or below them; an accepted socket counts as its listener does.</summary>
    public IReadOnlyList<ControlGroup> ControlGroups { get; init; } = [];

    /// <summary>Every socket.</summary>
    public static ProbeFilter None { get; } = new();

    /// <exception cref="ProbeException">More is named than there is room for.</exception>
    internal void Validate()
    {
        if (NetworkNamespaces.Count > MaxNetworkNamespaces)
            throw new ProbeException($"{NetworkNamespaces.Count} network namespaces to filter by: at most {MaxNetworkNamespaces} are possible");
        if (ControlGroups.Count > MaxControlGroups)
            throw new ProbeException($"{ControlGroups.Count} control groups to filter by: at most {MaxControlGroups} are possible");
    }
}
