using System.Globalization;
using System.Text.RegularExpressions;

namespace CrossLayer.Probe.Tests;

/// <summary>
/// Connections that a server's port accepts, as ftrace tells of them, and in whose time: there are kernels that start no program while a
/// thread of the first process runs (docs/hooks.md), and count nothing. ftrace is no program.
/// </summary>
internal sealed partial class BirthTrace : IDisposable
{
    private const string Tracing = "/sys/kernel/tracing";
    private const int SynRecv = 3, Established = 1;

    private readonly string _instance = $"{Tracing}/instances/crosslayer-{Environment.ProcessId}";

    /// <param name="port">The server's.</param>
    internal BirthTrace(int port)
    {
        Directory.CreateDirectory(_instance);
        Write("buffer_size_kb", "8192");
        Write("events/sock/inet_sock_set_state/filter", $"oldstate == {SynRecv} && newstate == {Established} && sport == {port}");
        Write("events/sock/inet_sock_set_state/enable", "1");
    }

    /// <summary>This kernel offers it here.</summary>
    internal static bool IsAvailable { get; } = Directory.Exists($"{Tracing}/instances");

    /// <summary>How many there were so far, and how many of them while a thread of the first process ran.</summary>
    internal (int All, int InFirstProcess) Count()
    {
        var threads = Directory.GetDirectories("/proc/1/task").Select(folder => int.Parse(Path.GetFileName(folder), CultureInfo.InvariantCulture)).ToHashSet();
        var running = File.ReadLines($"{_instance}/trace").Select(line => Line().Match(line)).Where(match => match.Success)
            .Select(match => int.Parse(match.Groups["thread"].ValueSpan, CultureInfo.InvariantCulture)).ToList();
        return (running.Count, running.Count(threads.Contains));
    }

    public void Dispose()
    {
        Write("events/sock/inet_sock_set_state/enable", "0");
        Directory.Delete(_instance);
    }

    private void Write(string file, string text) => File.WriteAllText($"{_instance}/{file}", text);

    [GeneratedRegex(@"-(?<thread>\d+)\s+\[\d+\].* inet_sock_set_state: ")]
    private static partial Regex Line();
}
