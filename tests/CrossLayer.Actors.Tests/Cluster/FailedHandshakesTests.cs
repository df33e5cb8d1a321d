using System.Net;
using System.Net.Sockets;
using Akka.Actor;
using CrossLayer.Actors.Cluster;
using CrossLayer.Tests.Cluster;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace CrossLayer.Actors.Tests.Cluster;

public sealed class FailedHandshakesTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly string _folder = Directory.CreateTempSubdirectory("crosslayer-handshakes-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_member_whose_peer_is_gone_in_the_middle_of_a_handshake_goes_on_and_ends_in_order()
    {
        TestAuthority.Write(_folder, "members");
        using var peer = new TcpListener(IPAddress.Loopback, 0);
        peer.Start();
        using var host = Member(((IPEndPoint)peer.LocalEndpoint).Port);
        await host.StartAsync();
        var system = host.Services.GetRequiredService<ActorSystem>();
        TestMember.ClusterOf(host).Join();

        (await peer.AcceptSocketAsync().WaitAsync(Patience)).Dispose();
        var again = peer.AcceptSocketAsync();
        Assert.Same(again, await Task.WhenAny(again, system.WhenTerminated).WaitAsync(Patience));
        Assert.Equal(FailedHandshakes.Reason, CoordinatedShutdown.Get(system).ShutdownReason?.GetType().Name);
        (await again).Dispose();
        Assert.False(system.WhenTerminated.IsCompleted);

        await host.StopAsync().WaitAsync(Patience);
        await system.WhenTerminated.WaitAsync(Patience);
    }

    /// <summary>One that joins through the peer alone.</summary>
    private IHost Member(int peer) => TestMember.Build(_folder, TestMember.FreePort(), [peer],
        TestAuthority.Settings(_folder).Select(setting => setting.Replace("=", " = \"", StringComparison.Ordinal) + "\""));
}
