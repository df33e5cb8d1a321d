using CrossLayer.Fuzz;

// As the program's own exit code.
const int badUsage = 2;

var parsed = FuzzCommand.Create().Parse(args);
if (parsed.Errors is [var first, ..])
{
    await Console.Error.WriteLineAsync($"error: {first.Message.TrimEnd('.')} (--help tells more)");
    return badUsage;
}

return await parsed.InvokeAsync();
