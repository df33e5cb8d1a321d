using Akka.Actor;
using CrossLayer.Actors.Cluster;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using static CrossLayer.Actors.Tests.Cluster.TestMember;

namespace CrossLayer.Actors.Tests.Cluster;

public sealed class RollCallActorTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly string _folder = Directory.CreateTempSubdirectory("crosslayer-roll-call-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_host_that_began_a_cluster_of_its_own_ends_and_joins_the_greater_one_when_it_is_started_again()
    {
        int[] ports = [FreePort(), FreePort(), FreePort()];
        using var alone = await StartAsync(ports, 0);
        using var first = await StartAsync(ports, 1);
        using var second = await StartAsync(ports, 2);
        BeginCluster(alone, alone);
        BeginCluster(first, first);
        BeginCluster(second, first);
        await UntilMembersAsync(second, 2);

        var reason = await ClusterOf(alone).Removed.WaitAsync(Patience);
        Assert.Equal("there is another cluster, to which this one yields", reason);
        await alone.StopAsync().WaitAsync(Patience);
        Assert.False(ClusterOf(first).Removed.IsCompleted || ClusterOf(second).Removed.IsCompleted);

        // It is the first seed, which would begin a cluster if nobody answered.
        using var again = await StartAsync(ports, 0);
        ClusterOf(again).Join();
        foreach (var member in new[] { again, first, second })
            await UntilMembersAsync(member, 3);
        await Task.WhenAll(again.StopAsync(), first.StopAsync(), second.StopAsync()).WaitAsync(Patience);
    }

    [Theory]
    [InlineData("a", "b c", true)]
    [InlineData("b c", "a", false)]
    [InlineData("b c", "a d", true)]
    [InlineData("a d", "b c", false)]
    public void The_smaller_one_yields_and_of_two_of_one_size_the_later(string own, string theirs, bool yields) =>
        Assert.Equal(yields, RollCallActor.Yields([.. own.Split(' ')], [.. theirs.Split(' ')]));

    private static void BeginCluster(IHost host, IHost through) => Of(host).Join(Of(through).SelfAddress);

    private static Akka.Cluster.Cluster Of(IHost host) => Akka.Cluster.Cluster.Get(host.Services.GetRequiredService<ActorSystem>());

    private static async Task UntilMembersAsync(IHost host, int count)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (ClusterOf(host).Reading.Members.Count(member => member is { Status: "up", Reachable: true }) != count)
            await Task.Delay(50, patience.Token);
    }

    private async Task<IHost> StartAsync(int[] ports, int own)
    {
        var host = Build(_folder, ports[own], ports);
        await host.StartAsync();
        _ = ClusterOf(host);
        return host;
    }
}
