using CrossLayer.Host.Lab;

namespace CrossLayer.Integration.Tests.Lab;

/// <summary>A lab with a server and a client, and at most one fault at a time.</summary>
internal sealed class LabRun : IAsyncDisposable
{
    private LabRun(LabNetwork network)
    {
        Network = network;
        Server = new SizedServer(network.Server);
        Client = new SizedClient(network.Client);
    }

    internal LabNetwork Network { get; }

    internal SizedServer Server { get; }

    internal SizedClient Client { get; }

    /// <summary>Makes one in which a request has been answered: names and code are warm.</summary>
    internal static async Task<LabRun> StartAsync()
    {
        var run = new LabRun(await LabNetwork.CreateAsync());
        Assert.Equal(100, await run.Client.AskAsync(100));
        return run;
    }

    internal Task<ArmedFault> ArmAsync(string scenario, Intensity intensity = Intensity.High) =>
        ScenarioCatalog.Of(scenario).ArmAsync(new LabSetup(Network, Server, Client), intensity);

    /// <summary>Nothing was lost yet, and something then.</summary>
    internal static async Task AssertAppliedAsync(ArmedFault fault) => Assert.True((await fault.VerifyAsync()).Applied, "not applied");

    internal static async Task AssertNotYetAppliedAsync(ArmedFault fault) => Assert.False((await fault.VerifyAsync()).Applied, "applied to nothing");

    /// <summary>Lifts a fault; afterwards a request is answered as ever.</summary>
    internal async Task LiftAsync(ArmedFault fault)
    {
        Assert.True((await fault.LiftAsync()).Applied);
        Assert.Equal(50_000, await Client.AskAsync(50_000, 2));
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        Server.Dispose();
        await Network.DisposeAsync();
    }
}
