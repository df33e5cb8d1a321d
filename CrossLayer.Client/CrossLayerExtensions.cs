using CrossLayer.Client.Connections;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace CrossLayer.Client;

/// <summary>How an ASP.NET Core application reports its requests.</summary>
public static class CrossLayerExtensions
{
    /// <summary>Adds the <see cref="CrossLayerReporter"/>.</summary>
    /// <param name="services">The application's services.</param>
    /// <param name="configure">Sets the options; null for the defaults.</param>
    public static IServiceCollection AddCrossLayer(this IServiceCollection services, Action<CrossLayerOptions>? configure = null)
    {
        var options = new CrossLayerOptions();
        configure?.Invoke(options);
        services.AddSingleton(_ => new CrossLayerReporter(options));
        services.AddHostedService(provider => provider.GetRequiredService<CrossLayerReporter>());
        return services;
    }

    /// <summary>Reports each request of the application. To stand first, so that the latency is the whole one's.</summary>
    public static IApplicationBuilder UseCrossLayer(this IApplicationBuilder application) => application.UseMiddleware<CrossLayerMiddleware>();

    /// <summary>Counts the bytes of each request on connections that are accepted here; behind UseHttps, where there is one.</summary>
    public static ListenOptions UseCrossLayer(this ListenOptions listen)
    {
        ArgumentNullException.ThrowIfNull(listen);
        listen.Use(next => async connection =>
        {
            using var served = ServedConnection.Attach(connection);
            await next(connection);
        });
        return listen;
    }
}
