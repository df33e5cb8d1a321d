using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace CrossLayer.Benchmarks.Reports;

/// <summary>The machine and the tree that a run was made with.</summary>
/// <param name="Kernel">Its release.</param>
/// <param name="Processors">How many this process may use.</param>
/// <param name="Runtime">.NET's version.</param>
/// <param name="Commit">The tree's commit, with a plus where files differ from it.</param>
/// <param name="At">When the run began.</param>
/// <param name="Load">The load average of the last minute by then: above 0, others work on the machine as well.</param>
internal sealed record Machine(string Kernel, int Processors, string Runtime, string Commit, DateTimeOffset At, double Load)
{
    /// <summary>The checkout that this was built in.</summary>
    internal static string Root { get; } = FindRoot();

    internal static Machine Now() => new(
        File.ReadAllText("/proc/sys/kernel/osrelease").Trim(), Environment.ProcessorCount, RuntimeInformation.FrameworkDescription,
        CommitOf(Root), DateTimeOffset.UtcNow, LoadAverage());

    internal static double LoadAverage() => double.Parse(File.ReadAllText("/proc/loadavg").Split(' ')[0], CultureInfo.InvariantCulture);

    private static string CommitOf(string root)
    {
        var commit = Git(root, "rev-parse", "--short=12", "HEAD");
        return commit is null ? "unknown" : Git(root, "status", "--porcelain", "--untracked-files=no") is "" ? commit : commit + "+";
    }

    private static string? Git(string root, params string[] arguments)
    {
        try
        {
            using var git = Process.Start(new ProcessStartInfo("git", ["-C", root, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            var output = git.StandardOutput.ReadToEnd().Trim();
            git.WaitForExit();
            return git.ExitCode == 0 ? output : null;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null; // there is no git
        }
    }

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "CrossLayer.slnx")))
                return folder.FullName;
        throw new InvalidOperationException("the suite runs in a checkout only");
    }
}
