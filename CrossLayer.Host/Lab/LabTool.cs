using CliWrap;
using CliWrap.Buffered;

namespace CrossLayer.Host.Lab;

/// <summary>The programs by which the lab is made: ip, nft and tc, run with arguments and never by a shell.</summary>
internal static class LabTool
{
    /// <summary>What the lab cannot do without; tc comes with ip.</summary>
    private static readonly string[] Needed = ["ip", "nft", "tc"];

    /// <summary>Each of them is done in milliseconds, or hangs.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    /// <summary>Why there can be no lab here, in one line; null where there can.</summary>
    public static string? Missing()
    {
        if (!OperatingSystem.IsLinux())
            return "the lab is made of Linux network namespaces; this is another system";
        if (!Environment.IsPrivilegedProcess)
            return "the lab makes network namespaces, which takes root: run it with sudo";
        return Needed.FirstOrDefault(tool => PathOf(tool) is null) is { } tool
            ? $"the lab needs '{tool}', which is neither in PATH nor in /usr/sbin: install iproute2 and nftables"
            : null;
    }

    /// <summary>Runs a tool.</summary>
    /// <param name="input">What it reads from its standard input.</param>
    /// <returns>What it printed.</returns>
    /// <exception cref="LabException">It is missing, failed or hung; with the command and what the tool said.</exception>
    public static async Task<string> RunAsync(
        string tool, IReadOnlyList<string> arguments, string input = "", CancellationToken cancellation = default)
    {
        var command = string.Join(' ', [tool, .. arguments]);
        var path = PathOf(tool) ?? throw new LabException(
            $"{command}: '{tool}' is neither in PATH nor in /usr/sbin: install iproute2 and nftables");
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(Limit);
        try
        {
            var result = await Cli.Wrap(path)
                .WithArguments(arguments)
                .WithStandardInputPipe(PipeSource.FromString(input))
                .WithValidation(CommandResultValidation.None)
                .ExecuteBufferedAsync(limit.Token);
            return result.IsSuccess
                ? result.StandardOutput
                : throw new LabException($"{command}: {Said(result)}");
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new LabException($"{command}: not done after {Limit.TotalSeconds} s, and ended");
        }
    }

    /// <summary>Where a tool is: in PATH, or where root's are; null where it is not.</summary>
    public static string? PathOf(string tool) => $"{Environment.GetEnvironmentVariable("PATH")}:/usr/sbin:/sbin".Split(':')
        .Select(folder => Path.Combine(folder, tool)).FirstOrDefault(File.Exists);

    private static string Said(BufferedCommandResult result)
    {
        var lines = result.StandardError.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return lines.Length > 0 ? string.Join(' ', lines) : $"exit code {result.ExitCode}";
    }
}
