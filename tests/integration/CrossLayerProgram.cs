using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using CliWrap;
using CliWrap.EventStream;

namespace CrossLayer.Integration.Tests;

/// <summary>The built program, run as a person runs it, in a folder of its own.</summary>
internal sealed class CrossLayerProgram : IDisposable
{
    private static readonly string Assembly = Path.Combine(AppContext.BaseDirectory, "CrossLayer.Host.dll");

    private string _assembly = Assembly;

    /// <summary>What runs longer is ended.</summary>
    public TimeSpan Limit { get; init; } = TimeSpan.FromSeconds(90);

    public string Folder { get; } = Directory.CreateTempSubdirectory("crosslayer-").FullName;

    /// <summary>With a copy of the program and a folder that a user without any rights can use.</summary>
    public static async Task<CrossLayerProgram> ForNobodyAsync()
    {
        var program = new CrossLayerProgram();
        var copy = Directory.CreateDirectory(program.FileIn("program")).FullName;
        await Cli.Wrap("cp").WithArguments(["-r", $"{AppContext.BaseDirectory}/.", copy]).ExecuteAsync();
        Directory.CreateDirectory(program.FileIn("results"));
        program._assembly = Path.Combine(copy, Path.GetFileName(Assembly));
        await Cli.Wrap("chmod").WithArguments(["-R", "a+rwX", program.Folder]).ExecuteAsync();
        return program;
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    public string FileIn(params string[] parts) => Path.Combine([Folder, .. parts]);

    public JsonElement Json(params string[] parts) => JsonDocument.Parse(File.ReadAllText(FileIn(parts))).RootElement;

    /// <summary>Runs it to its end.</summary>
    public Task<(int ExitCode, string Output, string Error)> RunAsync(params string[] arguments) =>
        RunAsync("dotnet", [_assembly, .. arguments]);

    /// <summary>Runs it as a root without capabilities.</summary>
    public Task<(int ExitCode, string Output, string Error)> RunWithoutPrivilegesAsync(params string[] arguments) =>
        RunAsync("setpriv", ["--bounding-set=-all", "--inh-caps=-all", "dotnet", _assembly, .. arguments]);

    /// <summary>Runs it as nobody with some capabilities, such as <c>+bpf,+perfmon</c>.</summary>
    public Task<(int ExitCode, string Output, string Error)> RunAsNobodyAsync(string capabilities, params string[] arguments) =>
        RunAsync("setpriv", AsNobody(capabilities, arguments));

    public async Task<(int ExitCode, string Output, string Error)> RunAsync(string program, string[] arguments)
    {
        using var limit = new CancellationTokenSource(Limit);
        var (output, error) = (new StringBuilder(), new StringBuilder());
        var result = await Cli.Wrap(program).WithArguments(arguments).WithWorkingDirectory(Folder)
            .WithValidation(CommandResultValidation.None)
            .WithStandardOutputPipe(PipeTarget.ToStringBuilder(output))
            .WithStandardErrorPipe(PipeTarget.ToStringBuilder(error))
            .ExecuteAsync(limit.Token);
        return (result.ExitCode, output.ToString(), error.ToString());
    }

    /// <summary>Starts it and waits for a line that shows it is ready.</summary>
    public Task<RunningProgram> StartAsync(string ready, params string[] arguments) => StartAsync("dotnet", [_assembly, .. arguments], ready);

    /// <summary>The same as nobody with some capabilities.</summary>
    public Task<RunningProgram> StartAsNobodyAsync(string capabilities, string ready, params string[] arguments) =>
        StartAsync("setpriv", AsNobody(capabilities, arguments), ready);

    /// <summary>The same as sudo starts it for nobody.</summary>
    public Task<RunningProgram> StartUnderSudoAsync(string ready, params string[] arguments) =>
        StartAsync("env", ["SUDO_UID=65534", "SUDO_GID=65534", "dotnet", _assembly, .. arguments], ready);

    /// <summary>The same with variables in its environment, each <c>NAME=value</c>.</summary>
    public Task<RunningProgram> StartWithAsync(string[] environment, string ready, params string[] arguments) =>
        StartAsync("env", [.. environment, "dotnet", _assembly, .. arguments], ready);

    private Task<RunningProgram> StartAsync(string program, string[] arguments, string ready) => RunningProgram.StartAsync(
        Cli.Wrap(program).WithArguments(arguments).WithWorkingDirectory(Folder).WithValidation(CommandResultValidation.None), new Regex(ready), Limit);

    private string[] AsNobody(string capabilities, string[] arguments) =>
    [
        "--reuid=65534", "--regid=65534", "--clear-groups",
        $"--inh-caps=-all,{capabilities}", $"--ambient-caps=-all,{capabilities}", $"--bounding-set=-all,{capabilities}",
        "dotnet", _assembly, .. arguments,
    ];
}

/// <summary>A program that runs until it is interrupted.</summary>
internal sealed class RunningProgram : IAsyncDisposable
{
    private readonly CancellationTokenSource _interrupt = new();
    private readonly CancellationTokenSource _kill;
    private readonly ConcurrentQueue<string> _lines = new();
    private Task<int> _exit = Task.FromResult(-1);

    private RunningProgram(TimeSpan limit) => _kill = new CancellationTokenSource(limit);

    public int ProcessId { get; private set; }

    /// <summary>What it has printed so far, on both streams.</summary>
    public string Printed => string.Join('\n', _lines);

    public Match Ready { get; private set; } = Match.Empty;

    public static async Task<RunningProgram> StartAsync(Command command, Regex ready, TimeSpan limit)
    {
        var program = new RunningProgram(limit);
        var isReady = new TaskCompletionSource<Match>(TaskCreationOptions.RunContinuationsAsynchronously);
        program._exit = program.FollowAsync(command, ready, isReady);
        var first = await Task.WhenAny(isReady.Task, program._exit);
        Assert.True(first == isReady.Task, $"the program ended before it was ready: {program.Printed}");
        program.Ready = await isReady.Task;
        return program;
    }

    /// <summary>Sends it a signal, such as <c>TERM</c>.</summary>
    public Task SignalAsync(string signal) => Cli.Wrap("kill").WithArguments(["-s", signal, $"{ProcessId}"]).ExecuteAsync();

    /// <summary>Waits for its end.</summary>
    public Task<int> ExitAsync() => _exit;

    /// <summary>As Ctrl-C; waits for its end.</summary>
    public async Task<int> InterruptAsync()
    {
        await _interrupt.CancelAsync();
        return await _exit;
    }

    public async ValueTask DisposeAsync()
    {
        await _kill.CancelAsync();
        await _exit;
        _kill.Dispose();
        _interrupt.Dispose();
    }

    private async Task<int> FollowAsync(Command command, Regex ready, TaskCompletionSource<Match> isReady)
    {
        var exitCode = -1;
        try
        {
            await foreach (var e in command.ListenAsync(Encoding.UTF8, Encoding.UTF8, _kill.Token, _interrupt.Token))
            {
                switch (e)
                {
                    case StartedCommandEvent started:
                        ProcessId = started.ProcessId;
                        break;
                    case StandardOutputCommandEvent line:
                        OnLine(line.Text);
                        break;
                    case StandardErrorCommandEvent line:
                        OnLine(line.Text);
                        break;
                    case ExitedCommandEvent exited:
                        exitCode = exited.ExitCode;
                        break;
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Interrupted or killed: CliWrap reports the cancellation after the process has ended.
            exitCode = exitCode < 0 && _kill.IsCancellationRequested ? -1 : 0;
        }

        return exitCode;

        void OnLine(string line)
        {
            _lines.Enqueue(line);
            if (ready.Match(line) is { Success: true } match)
                isReady.TrySetResult(match);
        }
    }
}
