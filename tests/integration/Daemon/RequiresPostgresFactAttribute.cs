using CrossLayer.Actors.Tests.Journal;
using CrossLayer.Tests;

namespace CrossLayer.Integration.Tests.Daemon;

/// <summary>A fact that loads the kernel side and starts nginx and PostgreSQL: skipped, with the reason, where that cannot work.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class RequiresPostgresFactAttribute : FactAttribute
{
    /// <inheritdoc cref="RequiresPostgresFactAttribute"/>
    public RequiresPostgresFactAttribute() => Skip = new RequiresKernelFactAttribute("nginx").Skip ?? PostgresServer.Missing;
}
