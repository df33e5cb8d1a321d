using System.ComponentModel;
using CrossLayer.Tests;

namespace CrossLayer.Probe.Tests;

/// <summary>A fact that loads the kernel side and has a host's own nft rules drop packets: skipped, with the reason, where that cannot work.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class RequiresNftFactAttribute : FactAttribute
{
    private static readonly Lazy<string?> Missing = new(() => new RequiresKernelFactAttribute("ip", "nft").Skip ?? FindMissing());

    /// <inheritdoc cref="RequiresNftFactAttribute"/>
    public RequiresNftFactAttribute() => Skip = Missing.Value;

    private static string? FindMissing()
    {
        try
        {
            using var host = new NetworkNamespace("nft");
            NetworkNamespace.Command("ip", $"netns exec {host.Name} nft add table inet crosslayer");
            return null;
        }
        catch (Exception e) when (e is IOException or Win32Exception or UnauthorizedAccessException)
        {
            return $"no nft (kernel module nf_tables): {e.Message}";
        }
    }
}
