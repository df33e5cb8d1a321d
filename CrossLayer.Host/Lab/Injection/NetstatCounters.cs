using System.Collections.Frozen;
using System.Globalization;

namespace CrossLayer.Host.Lab.Injection;

/// <summary>What a host's kernel counted, as netstat -s shows it (/proc/net/netstat and /proc/net/snmp).</summary>
internal sealed class NetstatCounters
{
    private readonly FrozenDictionary<string, long> _counters;

    private NetstatCounters(IEnumerable<string> lines) => _counters = Pairs(lines).ToFrozenDictionary();

    /// <summary>A counter by its group and name, such as <c>TcpExt.ListenOverflows</c>.</summary>
    /// <exception cref="LabException">This kernel does not count that.</exception>
    public long this[string name] =>
        _counters.TryGetValue(name, out var value) ? value : throw new LabException($"this kernel has no counter {name} in /proc/net/netstat or snmp");

    /// <summary>Reads those of a namespace.</summary>
    // Not /proc/net, which is the network of the process: the thread is elsewhere.
    public static NetstatCounters Of(LabNamespace host) => host.RunIn(() => new NetstatCounters(
        [.. File.ReadAllLines("/proc/thread-self/net/netstat"), .. File.ReadAllLines("/proc/thread-self/net/snmp")]));

    /// <summary>Reads pairs of lines: a group and its names, the same group and their values.</summary>
    internal static IEnumerable<KeyValuePair<string, long>> Pairs(IEnumerable<string> lines)
    {
        foreach (var pair in lines.Chunk(2).Where(pair => pair.Length == 2))
        {
            var (names, values) = (pair[0].Split(' '), pair[1].Split(' '));
            for (var i = 1; i < Math.Min(names.Length, values.Length); i++)
            {
                if (long.TryParse(values[i], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value))
                    yield return new KeyValuePair<string, long>($"{names[0].TrimEnd(':')}.{names[i]}", value);
            }
        }
    }
}
