namespace CrossLayer.Host.Tests.Outputs;

/// <summary>A fact that runs another program: skipped, with the reason, where that is not installed.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class RequiresToolFactAttribute : FactAttribute
{
    /// <param name="tool">The program.</param>
    public RequiresToolFactAttribute(string tool)
    {
        Tool = tool;
        Skip = PathOf(tool) is null ? $"{tool} not found" : null;
    }

    /// <summary>The program.</summary>
    public string Tool { get; }

    /// <summary>Where a program is; null where it is not.</summary>
    public static string? PathOf(string tool) => $"{Environment.GetEnvironmentVariable("PATH")}".Split(':')
        .Select(folder => Path.Combine(folder, tool)).FirstOrDefault(File.Exists);
}
