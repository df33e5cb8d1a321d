namespace CrossLayer.Probe.Doctor;

/// <summary>What the kernel forbids even to root (kernel_lockdown(7)).</summary>
internal static class Lockdown
{
    /// <summary>The mode in force, such as <c>integrity</c>; null where the kernel does not tell.</summary>
    internal static string? Mode()
    {
        try
        {
            // none [integrity] confidentiality
            var modes = File.ReadAllText("/sys/kernel/security/lockdown");
            var start = modes.IndexOf('[', StringComparison.Ordinal);
            var end = modes.IndexOf(']', StringComparison.Ordinal);
            return start >= 0 && end > start ? modes[(start + 1)..end] : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>In words, for an error message.</summary>
    internal static string Describe() => Mode() is { } mode ? $"kernel lockdown is '{mode}'" : "the kernel's lockdown or its build forbids it";
}
