using CrossLayer.Host.Lab;

namespace CrossLayer.Integration.Tests.Lab;

/// <summary>What a host's kernel knows of connections.</summary>
internal static class ConnectionsOfHost
{
    /// <summary>How many are in a state, as /proc/net/tcp writes it: 01 is ESTABLISHED, 03 SYN_RECV.</summary>
    internal static int Connections(this LabNamespace host, string state) =>
        host.RunIn(() => File.ReadLines("/proc/thread-self/net/tcp").Skip(1).Count(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[3] == state));
}
