using CrossLayer.Tests;

namespace CrossLayer.Integration.Tests.Lab;

/// <summary>A theory that makes a lab and loads the kernel side: skipped, with the reason, where that cannot work.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class RequiresLabTheoryAttribute : TheoryAttribute
{
    /// <inheritdoc cref="RequiresLabTheoryAttribute"/>
    public RequiresLabTheoryAttribute() => Skip = new RequiresKernelFactAttribute().Skip ?? new RequiresLabFactAttribute().Skip;
}
