using Microsoft.Extensions.Hosting;

namespace CrossLayer.Host.Web;

/// <summary>A server that ends when it is told to: signals are for the program, not for each of its servers.</summary>
internal sealed class NoLifetime : IHostLifetime
{
    /// <inheritdoc/>
    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
