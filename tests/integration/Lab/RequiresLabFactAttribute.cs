using CrossLayer.Host.Lab;

namespace CrossLayer.Integration.Tests.Lab;

/// <summary>A fact that makes a lab: skipped, with the reason, where that cannot work.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class RequiresLabFactAttribute : FactAttribute
{
    private static readonly Lazy<string?> Missing = new(() => LabTool.Missing() ?? Refusal());

    /// <inheritdoc cref="RequiresLabFactAttribute"/>
    public RequiresLabFactAttribute() => Skip = Missing.Value;

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
