using System.Globalization;

namespace CrossLayer.Probe.Doctor;

/// <summary>The effective capabilities of this process (capabilities(7)), as far as the probe is concerned.</summary>
internal static class Capabilities
{
    private static readonly (string Name, int Bit)[] Known =
        [("CAP_BPF", 39), ("CAP_PERFMON", 38), ("CAP_NET_ADMIN", 12), ("CAP_SYS_ADMIN", 21)];

    /// <summary>Names of those it holds; null where /proc does not tell.</summary>
    internal static IReadOnlyList<string>? Held()
    {
        try
        {
            var line = File.ReadLines("/proc/self/status").First(l => l.StartsWith("CapEff:", StringComparison.Ordinal));
            var effective = ulong.Parse(line.AsSpan(7).Trim(), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            return [.. Known.Where(capability => (effective >> capability.Bit & 1) == 1).Select(capability => capability.Name)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidOperationException or FormatException)
        {
            return null;
        }
    }

    /// <summary>True if those held allow the probe to be loaded and attached.</summary>
    internal static bool Suffice(IReadOnlyList<string> held) =>
        held.Contains("CAP_SYS_ADMIN") || (held.Contains("CAP_BPF") && held.Contains("CAP_PERFMON"));
}
