using System.Globalization;
using CrossLayer.Host.Lab;

namespace CrossLayer.Evaluation.Cluster;

/// <summary>
/// A wall clock for each of the lab's hosts, which all programs there go by (host_clock.c): the machine's own is left as it is. The monotonic
/// clock, by which the kernel dates events, is not touched; no host can set that.
/// </summary>
internal sealed class HostClocks
{
    private readonly string _folder;

    private HostClocks(string folder) => _folder = folder;

    private string Library => Path.Combine(_folder, "host_clock.so");

    /// <summary>Clocks that show the true time.</summary>
    /// <param name="folder">Where the library goes, and the files to which they are set.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="LabException">There is no compiler.</exception>
    internal static async Task<HostClocks> CreateAsync(string folder, CancellationToken cancellation)
    {
        var clocks = new HostClocks(folder);
        // Debian names each version's compiler by the version, and one of them plainly.
        var compiler = Enumerable.Range(12, 20).Select(version => string.Create(CultureInfo.InvariantCulture, $"clang-{version}")).Prepend("clang")
            .FirstOrDefault(name => LabTool.PathOf(name) is not null) ?? throw new LabException("clang is not here: scripts/setup_env.sh installs it");
        await LabTool.RunAsync(compiler, ["-O2", "-shared", "-fPIC", "-Wall", "-Werror", "-o", clocks.Library, Path.Combine(AppContext.BaseDirectory, "host_clock.c")], cancellation: cancellation);
        foreach (var host in Enum.GetValues<LabHost>())
            clocks.Set(host, 0);
        return clocks;
    }

    /// <summary>How a program of a host is started.</summary>
    internal IReadOnlyList<string> Through(LabHost host) => ["env", $"LD_PRELOAD={Library}", $"HOST_CLOCK={FileOf(host)}"];

    /// <summary>Puts a host's clock ahead of the true time, or behind it.</summary>
    internal void Set(LabHost host, double seconds)
    {
        // The programs have the file mapped: it is written where it is.
        using var file = new FileStream(FileOf(host), FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
        file.Write(BitConverter.GetBytes((long)(seconds * 1e9)));
    }

    private string FileOf(LabHost host) => Path.Combine(_folder, string.Create(CultureInfo.InvariantCulture, $"clock-{host}"));
}
