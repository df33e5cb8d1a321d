using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using CrossLayer.Host.Files;
using CrossLayer.Probe;

namespace CrossLayer.Host.Commands;

/// <summary><c>crosslayer probe</c>: writes down what the kernel's TCP does, until it is told to stop.</summary>
internal static class ProbeCommand
{
    private const int MaxSeconds = 7 * 86_400;
    private static readonly TimeSpan ProgressInterval = TimeSpan.FromSeconds(1);

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var output = CommandOptions.Output("results/ebpf_events.json");
        var duration = CommandOptions.Whole("--duration", "Stop after so many seconds; 0 runs until Ctrl-C.", 0, 0, MaxSeconds);
        var ports = CommandOptions.Ports("--port", "Only connections with this port at either end; may be given several times.");
        var localPorts = CommandOptions.Ports("--local-port", "Only sockets with this port of their own, not their peers' ends on this machine; may be given several times.");
        var pid = CommandOptions.Whole("--pid", "Only sockets of this process, from its first connect, send or recv on.", 0, 0, int.MaxValue);
        var groups = new Option<ControlGroup[]>("--control-group")
        {
            Description = "Only sockets that were made in this control group or below it, by its folder; may be given several times.",
            HelpName = "folder",
            DefaultValueFactory = _ => [],
            CustomParser = ReadGroups,
        };
        var summary = new Option<bool>("--summary") { Description = "Let the kernel side sum up what a socket does in an exchange: fewer events." };
        var hooks = CommandOptions.Hooks();
        var check = new Option<bool>("--check") { Description = "Load and attach, say which hooks were chosen and why, and end." };
        var keep = CommandOptions.KeepPrivileges();
        var command = new Command("probe", "Record kernel TCP events to a file (needs root, or CAP_BPF and CAP_PERFMON).")
        {
            output, duration, ports, localPorts, pid, groups, summary, hooks, check, keep,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            var options = new ProbeOptions
            {
                Filter = new ProbeFilter
                {
                    Ports = parsed.GetRequiredValue(ports),
                    LocalPorts = parsed.GetRequiredValue(localPorts),
                    Pid = (uint)parsed.GetRequiredValue(pid),
                    ControlGroups = parsed.GetRequiredValue(groups),
                },
                Mode = parsed.GetValue(summary) ? ProbeMode.Summary : ProbeMode.Full,
                Hooks = parsed.GetRequiredValue(hooks),
            };
            return parsed.GetValue(check)
                ? await CheckAsync(options, parsed.InvocationConfiguration.Output)
                : await RunAsync(
                    parsed.GetValue(keep) ? KernelProbe.Start(options) : KernelProbe.StartAndDropPrivileges(options),
                    parsed.GetRequiredValue(output),
                    TimeSpan.FromSeconds(parsed.GetRequiredValue(duration)),
                    parsed.InvocationConfiguration.Output,
                    parsed.InvocationConfiguration.Error,
                    cancellation);
        });
        return command;
    }

    private static ControlGroup[] ReadGroups(ArgumentResult result)
    {
        if (result.Tokens.Count > ProbeFilter.MaxControlGroups)
        {
            result.AddError($"--control-group: at most {ProbeFilter.MaxControlGroups} are possible");
            return [];
        }

        try
        {
            return [.. result.Tokens.Select(token => ControlGroup.Of(token.Value))];
        }
        catch (ProbeException exception)
        {
            result.AddError(exception.Message);
            return [];
        }
    }

    private static async Task<int> CheckAsync(ProbeOptions options, TextWriter output)
    {
        await using var probe = KernelProbe.Start(options);
        foreach (var hook in probe.Hooks)
            await output.WriteLineAsync(hook.ToString());
        return ExitCode.Done;
    }

    private static async Task<int> RunAsync(
        KernelProbe probe, string path, TimeSpan duration, TextWriter output, TextWriter error, CancellationToken cancellation)
    {
        await using var running = probe;
        using var events = RecordWriter<DatedKernelEvent>.Create(path, KernelEventJson.Kind);
        foreach (var hook in probe.Hooks.Where(hook => hook.Missing is not null))
            await error.WriteLineAsync($"warning: no {hook.Event} events: {hook.Missing}");
        await output.WriteLineAsync($"probing {Describe(probe.Filter)}, events to {path}; "
            + (duration > TimeSpan.Zero ? $"stops after {duration.TotalSeconds:0} s" : "stops with Ctrl-C"));
        await output.FlushAsync(CancellationToken.None);

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        if (duration > TimeSpan.Zero)
            stop.CancelAfter(duration);
        var writing = WriteAsync(probe, events);
        await ShowProgressAsync(probe, output, writing, stop.Token);
        await probe.StopAsync();
        await writing;

        var counters = probe.Counters;
        await output.WriteLineAsync(string.Create(
            CultureInfo.InvariantCulture, $"{counters.Read} events in {path}; {counters.Made} made, {counters.Lost} lost, {counters.Missed} missed"));
        return ExitCode.Done;
    }

    private static async Task WriteAsync(KernelProbe probe, RecordWriter<DatedKernelEvent> events)
    {
        var dated = new DatedKernelEvent[1024];
        await foreach (var batch in probe.Batches.ReadAllAsync())
        {
            using (batch)
            {
                if (dated.Length < batch.Count)
                    dated = new DatedKernelEvent[batch.Count];
                for (var i = 0; i < batch.Count; i++)
                    dated[i] = DatedKernelEvent.Date(in batch.Events[i], probe.Clock, probe.Reasons);
                events.Append(dated.AsSpan(0, batch.Count));
            }
        }
    }

    /// <summary>On a terminal, one line that moves. Ends when told to stop, or when writing fails.</summary>
    private static async Task ShowProgressAsync(KernelProbe probe, TextWriter output, Task writing, CancellationToken stop)
    {
        var isTerminal = Terminal.IsTerminal(output);
        while (!stop.IsCancellationRequested && !writing.IsCompleted)
        {
            await Task.WhenAny(writing, Task.Delay(ProgressInterval, stop));
            if (isTerminal)
                await output.WriteAsync($"\r{probe.Counters.Read} events, {probe.Counters.Lost} lost ");
        }

        if (isTerminal)
            await output.WriteAsync("\r");
    }

    private static string Describe(ProbeFilter filter)
    {
        var ports = filter.Ports.Count == 0 ? "all TCP connections" : $"port {string.Join(", ", filter.Ports)}";
        var local = filter.LocalPorts.Count == 0 ? "" : $" at local port {string.Join(", ", filter.LocalPorts)}";
        var process = filter.Pid == 0 ? "" : $" of process {filter.Pid}";
        var groups = filter.ControlGroups.Count == 0 ? "" : " of the control groups named";
        return ports + local + process + groups;
    }
}
