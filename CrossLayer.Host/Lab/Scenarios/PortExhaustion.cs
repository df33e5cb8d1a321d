using System.Globalization;
using CrossLayer.Actors.Correlations;

namespace CrossLayer.Host.Lab.Scenarios;

/// <summary>The client's host has few local ports: when all are taken, it connects no more, and nothing is sent.</summary>
internal sealed class PortExhaustion : Scenario
{
    private const string Range = "ipv4/ip_local_port_range";
    private const int First = 40_000;

    /// <inheritdoc/>
    public override string Name => "port_exhaustion";

    /// <inheritdoc/>
    public override ScenarioFamily Family => ScenarioFamily.ConnectionTimeouts;

    /// <inheritdoc/>
    public override Cause? Cause => Actors.Correlations.Cause.PortExhaustion;

    /// <inheritdoc/>
    public override LabHost Where => LabHost.Client;

    /// <inheritdoc/>
    public override TouchRule Touch => TouchRule.NoPort;

    /// <inheritdoc/>
    public override string Describe(Intensity intensity) => $"{Ports(intensity)} local ports";

    /// <inheritdoc/>
    public override Task<ArmedFault> ArmAsync(LabSetup lab, Intensity intensity, CancellationToken cancellation = default)
    {
        var client = lab.Network.Client;
        var before = client.ReadSetting(Range);
        client.WriteSetting(Range, string.Create(CultureInfo.InvariantCulture, $"{First} {First + Ports(intensity) - 1}"));
        return Task.FromResult(new ArmedFault(
            _ => Task.FromResult(Read(client, Ports(intensity))),
            _ =>
            {
                client.WriteSetting(Range, before);
                return Task.CompletedTask;
            }));
    }

    /// <summary>Nothing counts what is refused; that no port of the range is free shows that the next one will be.</summary>
    private static FaultEvidence Read(LabNamespace client, int ports)
    {
        var taken = client.RunIn(() => File.ReadLines("/proc/thread-self/net/tcp").Skip(1).Select(LocalPort)
            .Where(port => port >= First && port < First + ports).Distinct().Count());
        return new FaultEvidence(
            new FaultReading("proc", "no local port is free", taken == ports ? 1 : 0),
            new FaultReading("proc", "local ports taken", taken));
    }

    /// <summary>Of a line such as <c>0: 02014D0A:9C40 02024D0A:1F90 01 …</c>.</summary>
    private static int LocalPort(string line) =>
        int.Parse(line.AsSpan(line.IndexOf(':', line.IndexOf(':') + 1) + 1, 4), NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    private static int Ports(Intensity intensity) => Of(intensity, 24, 12, 4, 8);
}
