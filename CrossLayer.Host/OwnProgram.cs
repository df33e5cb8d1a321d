namespace CrossLayer.Host;

/// <summary>How this program is started again with other words.</summary>
internal static class OwnProgram
{
    /// <summary>The program and its arguments.</summary>
    public static (string Program, IReadOnlyList<string> Arguments) Of(params IEnumerable<string> words) =>
        (Runtime(), ["exec", typeof(Program).Assembly.Location, .. words]);

    /// <summary>The runtime that runs this process, where it is that; else the one that it was started with.</summary>
    private static string Runtime()
    {
        if (Environment.ProcessPath is { } path && Path.GetFileNameWithoutExtension(path) == "dotnet")
            return path;
        // The shared framework lies three folders below the program dotnet: shared/Microsoft.NETCore.App/VERSION.
        var framework = Path.GetDirectoryName(typeof(object).Assembly.Location)!;
        return Path.GetFullPath(Path.Combine(framework, "..", "..", "..", "dotnet"));
    }
}
