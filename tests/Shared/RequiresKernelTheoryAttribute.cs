namespace CrossLayer.Tests;

/// <summary>A theory that loads the kernel side: skipped, with the reason, where that cannot work.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class RequiresKernelTheoryAttribute : TheoryAttribute
{
    /// <inheritdoc cref="RequiresKernelTheoryAttribute"/>
    public RequiresKernelTheoryAttribute() => Skip = RequiresKernelFactAttribute.Missing;
}
