using CrossLayer.Actors.Correlations;
using CrossLayer.Host.Lab.Injection;

namespace CrossLayer.Host.Lab.Scenarios;

/// <summary>
/// The router forgets a connection that was idle for a while, as a firewall or NAT does, and then drops what comes of it,
/// of both ways and without a word, until the client's port begins a new one.
/// </summary>
internal sealed class IdleConnectionDrop : NftScenario
{
    /// <inheritdoc/>
    public override string Name => "idle_connection_drop";

    /// <inheritdoc/>
    public override ScenarioFamily Family => ScenarioFamily.SilentFailures;

    /// <inheritdoc/>
    public override Cause? Cause => Actors.Correlations.Cause.IdleConnectionDrop;

    /// <inheritdoc/>
    public override TimeSpan Hold => TimeSpan.FromSeconds(4);

    /// <inheritdoc/>
    public override string Describe(Intensity intensity) => $"connections idle for {IdleMilliseconds(intensity)} ms";

    /// <inheritdoc/>
    protected override IEnumerable<string> Rules(Intensity intensity) =>
    [
        $"{NftMatch.FromClient} jump of_client",
        $"{NftMatch.FromServer} jump of_server",
    ];

    /// <inheritdoc/>
    // A connection is known from its first packet after the fault was armed, also one that was there before.
    protected override string More(Intensity intensity) => $$"""
         set known { type inet_service; size 65535; flags dynamic,timeout; timeout 1d; }
         set live { type inet_service; size 65535; flags dynamic,timeout; timeout {{IdleMilliseconds(intensity)}}ms; }
         chain of_client {
          {{NftMatch.Syn}} update @known { tcp sport } update @live { tcp sport } accept
          tcp sport @known tcp sport != @live {{NftTable.Count}} drop
          update @known { tcp sport } update @live { tcp sport }
         }
         chain of_server {
          tcp dport @known tcp dport != @live {{NftTable.Count}} drop
          update @known { tcp dport } update @live { tcp dport }
         }

        """;

    private static int IdleMilliseconds(Intensity intensity) => Of(intensity, 2000, 1500, 800, 1200);
}
