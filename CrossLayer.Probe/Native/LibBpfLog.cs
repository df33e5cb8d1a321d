using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.RegularExpressions;

namespace CrossLayer.Probe.Native;

/// <summary>
/// Keeps what libbpf prints while a block runs, for the error message; outside one, libbpf is silent. libbpf prints on
/// the thread that called it, so the log is the thread's own.
/// </summary>
internal sealed unsafe partial class LibBpfLog : IDisposable
{
    private const int InfoLevel = 1;
    private const int MaxChars = 64 * 1024;

    [ThreadStatic]
    private static StringBuilder? t_log;

    private readonly StringBuilder _log = new();

    static LibBpfLog() => LibBpf.libbpf_set_print(&Print);

    internal LibBpfLog() => t_log = _log;

    /// <summary>
    /// The line that says most: the last one before the verifier's or libbpf's closing statement, else the last.
    /// </summary>
    internal string LastLine()
    {
        var lines = Lines();
        return Array.FindLast(lines, line =>
                   !line.Contains("-- END PROG LOAD LOG --", StringComparison.Ordinal)
                   && !line.StartsWith("processed ", StringComparison.Ordinal)
                   && !line.Contains("failed to load", StringComparison.Ordinal)) ?? lines.LastOrDefault() ?? "";
    }

    /// <summary>The program that the kernel refused to load; null if it was something else.</summary>
    internal string? FailedProgram() => ProgramFailure().Match(_log.ToString()) is { Success: true } match ? match.Groups[1].Value : null;

    /// <summary>All that was printed.</summary>
    internal string[] Lines() =>
        _log.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    public void Dispose() => t_log = null;

    [GeneratedRegex(@"prog '(\w+)': (?:failed to load|failed to prepare load attributes|BPF program load failed|failed to find kernel BTF)")]
    private static partial Regex ProgramFailure();

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Print(int level, byte* format, nint arguments)
    {
        if (t_log is not { Length: < MaxChars } log || level > InfoLevel)
            return 0;
        const int size = 8192;
        var buffer = stackalloc byte[size];
        var length = Math.Min(LibC.vsnprintf(buffer, size, format, arguments), size - 1);
        if (length > 0)
            log.Append(Encoding.UTF8.GetString(buffer, length));
        return 0;
    }
}
