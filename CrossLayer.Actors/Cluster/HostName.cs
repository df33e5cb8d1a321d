using Akka.Actor;
using Akka.Cluster;

namespace CrossLayer.Actors.Cluster;

/// <summary>The name of a host's run: its address in the cluster, and what tells this run from one before it.</summary>
internal static class HostName
{
    internal const string Link = "host-link";

    /// <summary>The name of a member.</summary>
    internal static string Of(UniqueAddress member) => $"{member.Address}#{member.Uid}";

    /// <summary>Where the run's <see cref="HostLinkActor"/> is.</summary>
    internal static string LinkOf(string host) => $"{host[..host.LastIndexOf('#')]}/user/{Link}";

    /// <summary>Host and port of a run.</summary>
    internal static string Short(string host) => Address.Parse(host[..host.LastIndexOf('#')]) is { Host: { } name, Port: { } port } ? $"{name}:{port}" : host;
}
