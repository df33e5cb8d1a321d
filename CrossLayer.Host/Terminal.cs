using Spectre.Console;

namespace CrossLayer.Host;

/// <summary>Where tables and progress go.</summary>
internal static class Terminal
{
    // Without a terminal there is no width to fit: wide enough that a row stays a line.
    private const int PlainWidth = 200;

    /// <summary>A console over a command's output: the terminal's own width and colours, or plain text.</summary>
    public static IAnsiConsole For(TextWriter output)
    {
        if (IsTerminal(output))
            return AnsiConsole.Console;
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.No,
            ColorSystem = ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.No,
            Out = new AnsiConsoleOutput(output),
        });
        console.Profile.Width = PlainWidth;
        return console;
    }

    /// <summary>True if a person sees the output as it comes.</summary>
    public static bool IsTerminal(TextWriter output) => ReferenceEquals(output, Console.Out) && !Console.IsOutputRedirected;
}
