using System.Text;
using System.Text.Json;

namespace CrossLayer.Host.Lab.Injection;

/// <summary>
/// The rules of one fault, in a table of their own: armed in one transaction, counted apart from all others, and lifted by
/// removing the table.
/// </summary>
internal sealed class NftTable(LabNamespace host, string name)
{
    private const string Touched = "touched";

    /// <summary>Ends the match of a rule: its packets are counted, and noted.</summary>
    public static string Count { get; } = $"counter name matched {PacketLog.Note(Touched)}";

    /// <summary>Puts rules in force.</summary>
    /// <param name="hook">Where packets meet them: forward or output.</param>
    /// <param name="rules">Of the chain at this hook.</param>
    /// <param name="more">Sets and chains that the rules refer to.</param>
    /// <exception cref="LabException">nft does not take them; none is in force.</exception>
    public Task ArmAsync(string hook, IEnumerable<string> rules, string more, CancellationToken cancellation)
    {
        var script = new StringBuilder()
            .Append("create table inet ").Append(name).Append('\n')
            .Append("table inet ").Append(name).Append(" {\n counter matched { }\n").Append(PacketLog.Set(Touched)).Append(more)
            .Append(" chain ").Append(hook).Append(" {\n  type filter hook ").Append(hook).Append(" priority 0; policy accept;\n");
        foreach (var rule in rules)
            script.Append("  ").Append(rule).Append('\n');
        script.Append(" }\n}\n");
        return host.ExecAsync("nft", ["-f", "-"], script.ToString(), cancellation);
    }

    /// <summary>How many packets the rules matched since they are in force.</summary>
    /// <exception cref="LabException">The table is not there.</exception>
    public async Task<long> MatchedAsync(CancellationToken cancellation)
    {
        var json = await host.ExecAsync("nft", ["-j", "list", "counter", "inet", name, "matched"], cancellation: cancellation);
        using var document = JsonDocument.Parse(json);
        foreach (var item in document.RootElement.GetProperty("nftables").EnumerateArray())
        {
            if (item.TryGetProperty("counter", out var counter))
                return counter.GetProperty("packets").GetInt64();
        }

        throw new LabException($"nft list counter inet {name} matched in {host.Name}: no counter in {json.Trim()}");
    }

    /// <summary>The packets that the rules matched since they are in force.</summary>
    /// <exception cref="LabException">The table is not there, or there were too many.</exception>
    public Task<IReadOnlyList<LoggedPacket>> TouchedAsync(CancellationToken cancellation) => PacketLog.ReadAsync(host, name, Touched, cancellation);

    /// <summary>Removes the rules.</summary>
    /// <exception cref="LabException">They are not there.</exception>
    public Task LiftAsync(CancellationToken cancellation) =>
        host.ExecAsync("nft", ["delete", "table", "inet", name], cancellation: cancellation);
}
