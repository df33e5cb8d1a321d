using CrossLayer.Benchmarks;

// Starts and ends: what any .NET program takes to start.
if (args is ["nothing"])
    return 0;

const int badUsage = 2;
var command = SuiteCommand.Create();
var parsed = command.Parse(args);
if (parsed.Errors is [var first, ..])
{
    await Console.Error.WriteLineAsync($"error: {first.Message.TrimEnd('.')} (--help tells more)");
    return badUsage;
}

return await parsed.InvokeAsync();
