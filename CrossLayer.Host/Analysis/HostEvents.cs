using CrossLayer.Host.Files;
using CrossLayer.Probe;

namespace CrossLayer.Host.Analysis;

/// <summary>
/// What the kernels of hosts saw, of what one kernel saw that is all of these hosts and others between them. A drop on the way would
/// give the fault away: it counts only in the network namespace that sockets of the host's address are in, or where the packet had
/// no device yet (0), on its way out of a socket.
/// </summary>
internal static class HostEvents
{
    /// <summary>The events whose local address is one of the hosts', and what concerns all: losses, and what the hooks do not tell of.</summary>
    public static IReadOnlyList<DatedKernelEvent> Of(IReadOnlyList<DatedKernelEvent> events, params ReadOnlySpan<NetworkAddress> hosts)
    {
        var namespaces = new HashSet<(NetworkAddress, ulong)>();
        foreach (var dated in events)
            if (dated.Event is { IsOfKernel: true, SocketCookie: not 0 })
                namespaces.Add((dated.Event.LocalAddress, dated.Event.NetnsCookie));
        var seen = new List<DatedKernelEvent>();
        foreach (var dated in events)
            if (!dated.Event.IsOfKernel || (hosts.Contains(dated.Event.LocalAddress) && !IsElsewhere(in dated.Event)))
                seen.Add(dated);
        return seen;

        bool IsElsewhere(in KernelEvent e) => e is { Type: KernelEventType.Drop, SocketCookie: 0, NetnsCookie: not 0 }
            && !namespaces.Contains((e.LocalAddress, e.NetnsCookie));
    }
}
