using System.Diagnostics;
using System.Globalization;

namespace CrossLayer.Benchmarks.Measuring;

/// <summary>A process that has run to its end.</summary>
/// <param name="Seconds">From its start to its end.</param>
/// <param name="PeakBytes">The most memory that was resident, looked at every 5 ms: the kernel keeps the peak, so only growth in the last moments is missed.</param>
/// <param name="Output">Its standard output.</param>
internal sealed record Finished(double Seconds, long PeakBytes, string Output)
{
    /// <summary>Runs a program.</summary>
    /// <exception cref="InvalidOperationException">It failed; the message has its last words.</exception>
    internal static async Task<Finished> RunAsync(string program, IEnumerable<string> arguments, CancellationToken cancellation)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        var clock = Stopwatch.StartNew();
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(cancellation);
        var errors = process.StandardError.ReadToEndAsync(cancellation);
        var peak = 0L;
        try
        {
            while (!process.WaitForExit(5))
            {
                cancellation.ThrowIfCancellationRequested();
                peak = Math.Max(peak, PeakOf(process.Id));
            }
        }
        catch
        {
            process.Kill();
            throw;
        }

        var seconds = clock.Elapsed.TotalSeconds;
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"{program} ended with {process.ExitCode}: {(await errors).Trim()}");
        return new Finished(seconds, peak, await output);
    }

    private static long PeakOf(int pid)
    {
        try
        {
            var line = File.ReadLines($"/proc/{pid}/status").FirstOrDefault(line => line.StartsWith("VmHWM:", StringComparison.Ordinal));
            return line is null ? 0 : long.Parse(line[6..^2].Trim(), CultureInfo.InvariantCulture) * 1024;
        }
        catch (IOException)
        {
            return 0; // it has just ended
        }
    }
}
