using System.CommandLine;
using CrossLayer.Fuzz.Targets;
using CrossLayer.Host.Commands;
using SharpFuzz;

namespace CrossLayer.Fuzz;

/// <summary>The command line: which decoders, for how long.</summary>
internal static class FuzzCommand
{
    private const string All = "all";

    // As the program's own.
    private const int Done = 0;
    private const int Failed = 1;

    internal static RootCommand Create()
    {
        var target = new Option<string>("--target") { Description = "The decoder to try.", DefaultValueFactory = _ => All };
        target.AcceptOnlyFromAmong([All, .. AllTargets.Names]);
        var seconds = CommandOptions.Whole("--seconds", "How long each is tried.", 10, 1, 86_400);
        var seed = CommandOptions.Whole("--seed", "All mutations follow from it.", 1, 0, int.MaxValue);
        var output = new Option<string>("--output") { Description = "Where inputs of findings are written.", DefaultValueFactory = _ => "results/fuzz" };
        var reproduce = new Option<FileInfo?>("--reproduce") { Description = "Try this input alone, with one --target." };
        var afl = new Option<bool>("--afl") { Description = "Take inputs from AFL, with one --target; the assemblies are instrumented by SharpFuzz's tool." };
        var command = new RootCommand("Tries CrossLayer's decoders with inputs that nobody meant.") { target, seconds, seed, output, reproduce, afl };
        command.HelpName = "CrossLayer.Fuzz";
        command.Validators.Add(result =>
        {
            // One of these is named at a time; what System.CommandLine finds itself stands before it.
            if (result.Errors.Any() || new Option[] { target, seconds, seed }.Any(option => result.GetResult(option)?.Errors.Any() == true))
                return;
            if ((result.GetValue(afl) || result.GetValue(reproduce) is not null) && result.GetValue(target) is (null or All))
                result.AddError("--reproduce and --afl take one --target");
            if (result.GetValue(reproduce) is { Exists: false } missing)
                result.AddError($"--reproduce: {missing} does not exist");
        });
        command.SetAction(parsed =>
        {
            var name = parsed.GetRequiredValue(target);
            var chosen = name == All ? AllTargets.Create() : [AllTargets.Create(name)];
            if (parsed.GetValue(afl))
                return TakeFromAfl(chosen[0]);
            return parsed.GetValue(reproduce) is { } file
                ? Report(new FuzzRun(chosen[0], 0).Reproduce(File.ReadAllBytes(file.FullName)), finding => finding.What)
                : chosen.Max(one => Report(
                    new FuzzRun(one, parsed.GetValue(seed)).Run(TimeSpan.FromSeconds(parsed.GetValue(seconds))),
                    finding => $"{finding.WriteTo(parsed.GetRequiredValue(output))}: {finding.Summary}"));
        });
        return command;
    }

    private static int Report(FuzzResult result, Func<Finding, string> describe)
    {
        Console.WriteLine(result);
        foreach (var finding in result.Findings)
            Console.WriteLine($"  {describe(finding)}");
        return result.Findings.Count == 0 ? Done : Failed;
    }

    // https://github.com/Metalnem/sharpfuzz: what is thrown is a crash to AFL.
    private static int TakeFromAfl(FuzzTarget target)
    {
        Fuzzer.OutOfProcess.Run(stream =>
        {
            using var input = new MemoryStream();
            stream.CopyTo(input);
            target.Try(input.ToArray());
        });
        return Done;
    }
}
