using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Akka.Configuration;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace CrossLayer.Host.Web;

/// <summary>What the daemon's HTTP servers have in common: address, TLS, token, and bounds on what a client costs.</summary>
internal static class WebServer
{
    private const string Scheme = "Bearer ";

    /// <summary>A server that is not started yet, with nothing mapped.</summary>
    /// <param name="settings">Where it listens; the address is not null.</param>
    /// <param name="protocols">HTTP/1.1, or HTTP/2 for gRPC, or both.</param>
    /// <param name="limit">Sets the bounds that are the server's own.</param>
    /// <param name="services">Adds services.</param>
    /// <param name="unauthorized">Is told of each client without the token, before it is answered with 401.</param>
    /// <exception cref="ConfigurationException">Certificate, key or token cannot be read.</exception>
    public static WebApplication Create(
        ListenSettings settings, HttpProtocols protocols, Action<KestrelServerLimits> limit, Action<IServiceCollection>? services = null,
        Action? unauthorized = null)
    {
        ArgumentNullException.ThrowIfNull(settings);
        var token = settings.ReadToken() is { } text ? Hash(text) : null;
        var certificate = Certificate(settings);
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.AllowSynchronousIO = false;
            limit(kestrel.Limits);
            kestrel.Listen(settings.Address ?? throw new ArgumentException("no address", nameof(settings)), listener =>
            {
                listener.Protocols = protocols;
                if (certificate is not null)
                    listener.UseHttps(certificate);
            });
        });
        if (certificate is not null)
            builder.WebHost.UseKestrelHttpsConfiguration();
        builder.Services.AddRoutingCore();
        builder.Logging.SetMinimumLevel(LogLevel.Error);
        services?.Invoke(builder.Services);

        var application = builder.Build();
        if (token is not null)
        {
            application.Use((context, next) =>
            {
                if (Shows(context.Request, token))
                    return next(context);
                unauthorized?.Invoke();
                context.Response.StatusCode = StatusCodes.Status401Unauthorized;
                context.Response.Headers.WWWAuthenticate = Scheme.TrimEnd();
                return Task.CompletedTask;
            });
        }

        return application;
    }

    // Hashes have one length and tell nothing of the token, whatever time their comparison takes.
    private static bool Shows(HttpRequest request, byte[] token) =>
        request.Headers.Authorization.ToString() is { } shown && shown.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)
            && CryptographicOperations.FixedTimeEquals(Hash(shown[Scheme.Length..].Trim()), token);

    private static byte[] Hash(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));

    private static X509Certificate2? Certificate(ListenSettings settings)
    {
        if (settings.Certificate is null)
            return null;
        try
        {
            return X509Certificate2.CreateFromPemFile(settings.Certificate, settings.Key);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new ConfigurationException($"{settings.Section}.tls-certificate = {settings.Certificate}: {exception.Message}", exception);
        }
    }
}
