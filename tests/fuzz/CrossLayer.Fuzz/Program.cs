using CrossLayer.Fuzz;

// As the program's own exit code.
const int badUsage = 2;

var parsed = FuzzCommand.Create().Parse(args);
if (parsed.Errors is [var first, ..])
{
    var line = string.Join(' ', first.Message.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)).TrimEnd('.');
    await Console.Error.WriteLineAsync($"error: {line} (--help tells more)");
    return badUsage;
}

return await parsed.InvokeAsync();
