using System.Diagnostics;

namespace CrossLayer.Benchmarks.Nginx;

/// <summary>bpftrace printing the same events into a file.</summary>
internal sealed class BpfTrace : IAsyncDisposable
{
    private readonly Process _process;
    private readonly string _output;

    private BpfTrace(Process process, string output) => (_process, _output) = (process, output);

    /// <summary>Its process.</summary>
    internal int Id => _process.Id;

    /// <summary>Starts it, and waits until it says that it has attached.</summary>
    /// <exception cref="SkippedException">It is not here, or does not start.</exception>
    internal static async Task<BpfTrace> StartAsync(BenchmarkContext context, ushort port)
    {
        var program = Tool.Find("bpftrace");
        var output = context.Path("bpftrace.out");
        var trace = new BpfTrace(Process.Start(new ProcessStartInfo(program, ["-o", output, Path.Combine(AppContext.BaseDirectory, "events.bt"), $"{port}"]) { RedirectStandardError = true })!, output);
        var errors = trace._process.StandardError.ReadToEndAsync(context.Cancellation);
        for (var tries = 0; tries < 100 && !trace._process.HasExited; tries++)
        {
            await Task.Delay(100, context.Cancellation);
            if (File.Exists(output) && new FileInfo(output).Length > 0)
            {
                await Task.Delay(500, context.Cancellation); // it attaches one after the other
                return trace;
            }
        }

        await trace.DisposeAsync();
        throw new SkippedException($"bpftrace does not start: {(await errors).Trim().ReplaceLineEndings(" ")}");
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        // Behind what it still has to print it may not hear the first word.
        Tool.Signal(_process.Id, Tool.Int);
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(5));
        try
        {
            await _process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
        File.Delete(_output);
    }
}
