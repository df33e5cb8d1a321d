using CrossLayer.Host.Lab;
using CrossLayer.Tests;

namespace CrossLayer.Integration.Tests.Lab;

/// <summary>A fact that makes a lab: skipped, with the reason, where that cannot work.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class RequiresLabFactAttribute : FactAttribute
{
    private static readonly Lazy<string?> Missing = new(() => LabTool.Missing() ?? Refusal());

    /// <param name="tools">Programs that the fact runs beside those that every lab needs.</param>
    public RequiresLabFactAttribute(params string[] tools)
    {
        Tools = tools;
        Skip = Missing.Value ?? tools.Where(tool => RequiresKernelFactAttribute.PathOf(tool) is null).Select(tool => $"{tool} not found").FirstOrDefault();
    }

    /// <summary>Programs that the fact runs beside those that every lab needs.</summary>
    public IReadOnlyList<string> Tools { get; }

    /// <summary>Also root is refused namespaces in many a container.</summary>
    private static string? Refusal()
    {
        try
        {
            Task.Run(async () =>
            {
                var network = await LabNetwork.CreateAsync();
                await network.DisposeAsync();
            }).GetAwaiter().GetResult();
            return null;
        }
        catch (LabException exception)
        {
            return exception.Message;
        }
    }
}
