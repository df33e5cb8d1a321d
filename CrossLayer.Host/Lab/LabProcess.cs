using System.ComponentModel;
using System.Globalization;
using System.Runtime.InteropServices;
using CliWrap;

namespace CrossLayer.Host.Lab;

/// <summary>A program that runs in a namespace of the lab, until it is disposed of.</summary>
internal sealed class LabProcess : IAsyncDisposable
{
    private const int SignalKill = 9;
    private const int SignalTerminate = 15;
    private const int SignalContinue = 18;
    private const int SignalStop = 19;

    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(2);

    private readonly CancellationTokenSource _kill = new();
    private readonly CommandTask<CommandResult> _running;

    private LabProcess(Command command) => _running = command.ExecuteAsync(_kill.Token);

    /// <summary>Its id: <c>ip netns exec</c> becomes the program.</summary>
    public int Id => _running.ProcessId;

    /// <summary>Whether it still runs, be it stopped.</summary>
    public bool IsRunning => !_running.Task.IsCompleted;

    /// <summary>Completes when it has ended.</summary>
    public Task Ended => _running.Task;

    /// <summary>The state that the kernel gives (proc(5), stat): 'T' is stopped by a signal.</summary>
    /// <exception cref="LabException">It has ended.</exception>
    public char State
    {
        get
        {
            try
            {
                var stat = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{Id}/stat"));
                return stat[stat.LastIndexOf(')') + 2];
            }
            catch (IOException exception)
            {
                throw new LabException(Gone(), exception);
            }
        }
    }

    /// <summary>Starts a program in a namespace.</summary>
    internal static LabProcess Start(LabNamespace host, string program, IEnumerable<string> arguments, Action<string>? onLine, PipeSource? input = null)
    {
        var lines = onLine is null ? PipeTarget.Null : PipeTarget.ToDelegate(onLine);
        return new LabProcess(Cli.Wrap(LabTool.PathOf("ip") ?? "ip")
            .WithArguments(["netns", "exec", host.Name, program, .. arguments])
            .WithStandardInputPipe(input ?? PipeSource.Null)
            .WithStandardOutputPipe(lines)
            .WithStandardErrorPipe(lines)
            .WithValidation(CommandResultValidation.None));
    }

    /// <summary>Stops it where it is; its sockets stay open.</summary>
    /// <exception cref="LabException">It has ended.</exception>
    public void Stall() => Signal(SignalStop);

    /// <summary>Lets it go on.</summary>
    /// <exception cref="LabException">It has ended.</exception>
    public void Resume() => Signal(SignalContinue);

    /// <summary>Kills it, as a crash would.</summary>
    /// <exception cref="LabException">It has ended.</exception>
    public void Crash() => Signal(SignalKill);

    /// <summary>Tells it to end, and waits for that; after so long it is killed.</summary>
    public ValueTask EndAsync(TimeSpan grace) => EndWithinAsync(grace);

    /// <summary>Tells it to end, and kills it where that is not enough.</summary>
    public ValueTask DisposeAsync() => EndWithinAsync(Grace);

    private async ValueTask EndWithinAsync(TimeSpan grace)
    {
        if (IsRunning)
        {
            // A stopped process takes no other signal; that it may have ended meanwhile is as well.
            // Not by SIGINT, which is ignored in all that a shell without job control has started in the background.
            if (Id > 0)
            {
                _ = Kill(Id, SignalContinue);
                _ = Kill(Id, SignalTerminate);
            }

            _kill.CancelAfter(grace);
        }

        try
        {
            await _running;
        }
        catch (OperationCanceledException)
        {
            // As asked.
        }

        _running.Dispose();
        _kill.Dispose();
    }

    private void Signal(int signal)
    {
        // To send a signal to process 0 is to send it to all of this process' group.
        if (!IsRunning || Id <= 0 || Kill(Id, signal) != 0)
            throw new LabException(Gone(), new Win32Exception());
    }

    private string Gone() => string.Create(CultureInfo.InvariantCulture, $"process {Id} of the lab has ended");

    [DllImport("libc", EntryPoint = "kill", SetLastError = true), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Kill(int process, int signal);
}
