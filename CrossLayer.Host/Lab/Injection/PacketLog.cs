using System.Globalization;
using System.Text.Json;

namespace CrossLayer.Host.Lab.Injection;

/// <summary>Packets that a rule took note of: those of one place in one stream.</summary>
/// <param name="SourcePort">The sender's port.</param>
/// <param name="DestinationPort">The receiver's.</param>
/// <param name="Sequence">The TCP sequence number.</param>
/// <param name="Packets">How many there were.</param>
/// <param name="Bytes">Their length, IP headers included.</param>
internal readonly record struct LoggedPacket(ushort SourcePort, ushort DestinationPort, uint Sequence, long Packets, long Bytes);

/// <summary>A set of nft that keeps which packets passed a rule: exactly, without a copy of them, and read once.</summary>
internal static class PacketLog
{
    private const int Size = 65_535;

    /// <summary>The set, for a table.</summary>
    public static string Set(string name) => string.Create(CultureInfo.InvariantCulture,
        $" set {name} {{ typeof tcp sport . tcp dport . tcp sequence; size {Size}; flags dynamic; counter; }}\n");

    /// <summary>Takes note of a packet, in a rule.</summary>
    public static string Note(string name) => $"update @{name} {{ tcp sport . tcp dport . tcp sequence }}";

    /// <summary>What was noted.</summary>
    /// <exception cref="LabException">The set is not there, or it was too small.</exception>
    public static async Task<IReadOnlyList<LoggedPacket>> ReadAsync(LabNamespace host, string table, string name, CancellationToken cancellation)
    {
        var json = await host.ExecAsync("nft", ["-j", "list", "set", "inet", table, name], cancellation: cancellation);
        var packets = Parse(json);
        return packets.Count < Size ? packets : throw new LabException($"set {name} of table {table} in {host.Name} is full: which packets were touched is not known");
    }

    /// <summary>Reads what nft prints.</summary>
    public static IReadOnlyList<LoggedPacket> Parse(string json)
    {
        using var document = JsonDocument.Parse(json);
        var packets = new List<LoggedPacket>();
        foreach (var item in document.RootElement.GetProperty("nftables").EnumerateArray())
        {
            if (!item.TryGetProperty("set", out var set) || !set.TryGetProperty("elem", out var elements))
                continue;
            foreach (var entry in elements.EnumerateArray())
            {
                var element = entry.GetProperty("elem");
                var key = element.GetProperty("val").GetProperty("concat");
                var counter = element.GetProperty("counter");
                packets.Add(new LoggedPacket(key[0].GetUInt16(), key[1].GetUInt16(), key[2].GetUInt32(),
                    counter.GetProperty("packets").GetInt64(), counter.GetProperty("bytes").GetInt64()));
            }
        }

        return packets;
    }
}
