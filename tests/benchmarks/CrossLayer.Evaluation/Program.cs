using System.CommandLine;
using CrossLayer.Evaluation;

var root = new RootCommand("Measures CrossLayer against a known truth.") { MatchingCommand.Create() };
root.HelpName = "CrossLayer.Evaluation";
return await root.Parse(args.Length > 0 ? args : ["--help"]).InvokeAsync();
