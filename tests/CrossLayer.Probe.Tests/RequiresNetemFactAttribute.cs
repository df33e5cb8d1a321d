using System.ComponentModel;
using CrossLayer.Tests;

namespace CrossLayer.Probe.Tests;

/// <summary>A fact that loads the kernel side and has netem lose packets: skipped, with the reason, where that cannot work.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class RequiresNetemFactAttribute : FactAttribute
{
    private static readonly Lazy<string?> Missing = new(() => new RequiresKernelFactAttribute("ip", "tc").Skip ?? FindMissing());

    /// <inheritdoc cref="RequiresNetemFactAttribute"/>
    public RequiresNetemFactAttribute() => Skip = Missing.Value;

    private static string? FindMissing()
    {
        try
        {
            using var host = new NetworkNamespace("netem");
            NetworkNamespace.Command("tc", $"-n {host.Name} qdisc add dev lo root netem loss 20%");
            return null;
        }
        catch (Exception e) when (e is IOException or Win32Exception or UnauthorizedAccessException)
        {
            return $"no netem (kernel module sch_netem): {e.Message}";
        }
    }
}
