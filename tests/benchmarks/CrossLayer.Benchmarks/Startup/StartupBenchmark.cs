using CrossLayer.Benchmarks.Measuring;
using CrossLayer.Benchmarks.Nginx;

namespace CrossLayer.Benchmarks.Startup;

/// <summary>How long the program takes to be of use.</summary>
internal sealed class StartupBenchmark : Benchmark
{
    private const string Seconds = "s";
    private const string Nothing = ".NET program that ends at once";
    private const string Version = "crosslayer --version";
    private const string Check = "crosslayer probe --check";
    private const string Trace = "bpftrace, attach and end";

    /// <inheritdoc/>
    internal override string Name => "startup";

    /// <inheritdoc/>
    internal override string Question => "from the command to an answer, and to attached programs";

    /// <inheritdoc/>
    internal override async Task<IReadOnlyList<Result>> RunAsync(BenchmarkContext context)
    {
        List<Arm> arms =
        [
            Dotnet(Nothing, Path.Combine(AppContext.BaseDirectory, "CrossLayer.Benchmarks.dll"), "nothing"),
            Dotnet(Version, BenchmarkContext.Program, "--version"),
        ];
        var asRoot = Environment.IsPrivilegedProcess;
        if (asRoot)
            arms.Add(Dotnet(Check, BenchmarkContext.Program, "probe", "--check"));
        string? bpftrace = null;
        try
        {
            bpftrace = Tool.Find("bpftrace");
            if (asRoot)
                arms.Add(Process(Trace, bpftrace, "-e", "tracepoint:sock:sock_send_length { @ = count(); } tracepoint:sock:sock_recv_length { @ = count(); } tracepoint:sock:inet_sock_set_state { @ = count(); } tracepoint:tcp:tcp_probe { @ = count(); } interval:ms:1 { exit(); }"));
        }
        catch (SkippedException reason)
        {
            context.Say(reason.Message);
        }

        var rounds = await Rounds.RunAsync(context, context.Pick(5, 2), arms);
        List<Result> results = [rounds.Ratio(Name, Version, Nothing, Seconds)];
        if (asRoot)
            results.Add(rounds.Ratio(Name, Check, Nothing, Seconds, null, "loads and attaches every program, and detaches"));
        if (asRoot && bpftrace is not null)
            results.Add(rounds.Ratio(Name, Check, Trace, Seconds, null, "bpftrace compiles and attaches four of them"));
        return results;

        Arm Dotnet(string name, params string[] arguments) => Process(name, "dotnet", arguments);

        Arm Process(string name, string program, params string[] arguments) =>
            new(name, async () => new Reading((Seconds, (await Finished.RunAsync(program, arguments, context.Cancellation)).Seconds)));
    }
}
