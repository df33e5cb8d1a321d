using System.CommandLine;
using System.Globalization;
using CrossLayer.Probe;
using CrossLayer.Probe.Hooks;

namespace CrossLayer.Evaluation.Hooks;

/// <summary><c>hooks</c>: what each kind of hooks costs on this kernel.</summary>
internal static class HooksCommand
{
    public static Command Create()
    {
        var requests = new Option<int>("--requests") { Description = "Requests for each kind of hooks.", DefaultValueFactory = _ => 100_000 };
        var command = new Command("hooks", "The cost of each kind of hooks: nanoseconds a run, by the kernel's own count, and events lost.") { requests };
        command.SetAction(parsed => Run(parsed.GetValue(requests), parsed.InvocationConfiguration.Output));
        return command;
    }

    private static int Run(int requests, TextWriter output)
    {
        HookChoice[] choices = [HookChoice.Tracepoint, HookChoice.RawTracepoint, HookChoice.Fentry, HookChoice.Kprobe];
        output.WriteLine($"{requests:N0} requests on loopback for each, {HookTraffic.RequestsPerConnection} a connection");
        // Once without being measured: the runtime compiles, the kernel fills its caches.
        HookTraffic.Run(requests / 10);
        foreach (var choice in choices)
        {
            try
            {
                Write(HookCost.Measure(choice, requests), output);
            }
            catch (ProbeUnavailableException e)
            {
                output.WriteLine($"\n{choice}: {e.Message}");
            }
        }

        return 0;
    }

    private static void Write(HookCost cost, TextWriter output)
    {
        output.WriteLine(Text($"\n{cost.Choice}: {cost.NsPerRequest:N0} ns a request in the programs; {cost.Slowdown:0.00} times the time without a probe"));
        output.WriteLine(Text($"  events: {cost.Counters.Made:N0} made, {cost.Counters.Lost:N0} lost, {cost.Counters.Missed:N0} missed"));
        foreach (var (hook, runs) in cost.Programs.Where(program => program.Runs.Count > 0))
            output.WriteLine(Text($"  {hook,-36}{runs.Count,12:N0} runs{(double)runs.TimeNs / runs.Count,9:N0} ns each"));
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
