using System.CommandLine;
using CrossLayer.Evaluation;
using CrossLayer.Evaluation.Cluster;
using CrossLayer.Evaluation.Hooks;

// As the program's own exit code.
const int badUsage = 2;

var root = new RootCommand("Measures CrossLayer against a known truth.") { MatchingCommand.Create(), HooksCommand.Create(), NemesisCommand.Create(), ClusterCostCommand.Create() };
root.HelpName = "CrossLayer.Evaluation";
var parsed = root.Parse(args.Length > 0 ? args : ["--help"]);
if (parsed.Errors is [var first, ..])
{
    await Console.Error.WriteLineAsync($"error: {first.Message.Split('\n')[0].TrimEnd('.')} (--help tells more)");
    return badUsage;
}

return await parsed.InvokeAsync();
