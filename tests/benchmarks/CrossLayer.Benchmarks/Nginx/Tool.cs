using System.Runtime.InteropServices;

namespace CrossLayer.Benchmarks.Nginx;

/// <summary>Programs of the machine.</summary>
internal static partial class Tool
{
    internal const int Int = 2;
    internal const int Term = 15;

    /// <summary>Its path.</summary>
    /// <exception cref="SkippedException">It is not here.</exception>
    internal static string Find(string name) =>
        $"{Environment.GetEnvironmentVariable("PATH")}:/usr/sbin:/sbin".Split(':').Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists)
        ?? throw new SkippedException($"{name} not found: apt-get install {name}");

    /// <summary>Tells a process of ours to end.</summary>
    internal static void Signal(int pid, int signal) => _ = kill(pid, signal);

    [LibraryImport("libc")]
    private static partial int kill(int pid, int signal);
}
