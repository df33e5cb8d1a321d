using System.Net;
using System.Net.Sockets;
using Akka.Configuration;
using CrossLayer.Actors.Cluster;
using CrossLayer.Actors.Configuration;
using CrossLayer.Actors.Journal;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace CrossLayer.Actors.Tests.Cluster;

/// <summary>A host of a cluster, on loopback, with all of its actors.</summary>
internal static class TestMember
{
    /// <param name="folder">Where its journal is.</param>
    /// <param name="port">Where it listens.</param>
    /// <param name="seeds">The ports of those to join through.</param>
    /// <param name="settings">Others, below <c>crosslayer</c>.</param>
    public static IHost Build(string folder, int port, IEnumerable<int> seeds, params IEnumerable<string> settings)
    {
        IEnumerable<string> all =
        [
            "cluster.enabled = true", $"cluster.port = {port}", $"cluster.seeds = [{string.Join(", ", seeds.Select(seed => $"\"127.0.0.1:{seed}\""))}]",
            $"journal.path = \"{Path.Combine(folder, $"journal-{port}.db")}\"", .. settings,
        ];
        var config = ConfigurationFactory.ParseString(string.Join('\n', all.Select(setting => $"crosslayer.{setting}"))).WithFallback(DefaultConfiguration.Load());
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddCrossLayer(config, JournalSettings.From(config), null!);
        return builder.Build();
    }

    public static ClusterHost ClusterOf(IHost member) => member.Services.GetRequiredService<Lazy<ClusterHost?>>().Value!;

    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
