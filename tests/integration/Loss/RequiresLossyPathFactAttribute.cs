using CrossLayer.Integration.Tests.Lab;
using CrossLayer.Tests;

namespace CrossLayer.Integration.Tests.Loss;

/// <summary>A fact that loads the kernel side and loses packets: skipped, with the reason, where that cannot work.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class RequiresLossyPathFactAttribute : FactAttribute
{
    private static readonly Lazy<string?> Missing = new(() => new RequiresKernelFactAttribute().Skip ?? new RequiresLabFactAttribute().Skip);

    /// <inheritdoc cref="RequiresLossyPathFactAttribute"/>
    public RequiresLossyPathFactAttribute() => Skip = Missing.Value;
}
