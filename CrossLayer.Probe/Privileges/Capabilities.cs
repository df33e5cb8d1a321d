using System.Globalization;

namespace CrossLayer.Probe.Privileges;

/// <summary>The effective capabilities of this process (capabilities(7)), as far as the probe is concerned.</summary>
internal static class Capabilities
{
    private static readonly (string Name, int Bit)[] Known =
        [("CAP_BPF", 39), ("CAP_PERFMON", 38), ("CAP_NET_ADMIN", 12), ("CAP_SYS_ADMIN", 21)];

    // CAP_BPF to load programs and make maps; CAP_PERFMON to read kernel memory from them and to attach to tracepoints, functions and kprobes.
    private static readonly string[] s_needed = ["CAP_BPF", "CAP_PERFMON"];

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

    /// <summary>Which of those needed are not held, in words.</summary>
    internal static string Lacking() =>
        string.Join(" and ", s_needed.Except(Held() ?? [])) is { Length: > 0 } lacking ? $"{lacking} missing" : "the kernel forbids it";

    /// <summary>True if those held allow the probe to be loaded and attached.</summary>
    internal static bool Suffice(IReadOnlyList<string> held) =>
        held.Contains("CAP_SYS_ADMIN") || s_needed.All(held.Contains);
}
