using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Akka.Configuration;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace CrossLayer.Host.Web;

/// <summary>What the daemon's HTTP servers have in common: address, TLS, token, and bounds on what a client costs.</summary>
internal static class WebServer
{
    private const string Scheme = "Bearer ";
    private static readonly object Stranger = new();

    /// <summary>A server that is not started yet, with nothing mapped.</summary>
    /// <param name="settings">Where it listens; the address is not null.</param>
    /// <param name="protocols">HTTP/1.1, or HTTP/2 for gRPC, or both.</param>
    /// <param name="limit">Sets the bounds that are the server's own.</param>
    /// <param name="services">Adds services.</param>
    /// <param name="unauthorized">Is told of each client without the token, before it is answered with 401.</param>
    /// <param name="connections">Sets what happens to connections, before TLS.</param>
    /// <param name="open">Paths that are answered without the token, too; what answers them can ask <see cref="IsStranger"/>.</param>
    /// <exception cref="ConfigurationException">Certificate, key or token cannot be read.</exception>
    public static WebApplication Create(
        ListenSettings settings, HttpProtocols protocols, Action<KestrelServerLimits> limit, Action<IServiceCollection>? services = null,
        Action? unauthorized = null, Action<ListenOptions>? connections = null, IReadOnlyCollection<string>? open = null)
    {
        ArgumentNullException.ThrowIfNull(settings);
        var token = settings.ReadToken() is { } text ? Hash(text) : null;
        var certificates = Certificates(settings);
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.AllowSynchronousIO = false;
            limit(kestrel.Limits);
            kestrel.Listen(settings.Address ?? throw new ArgumentException("no address", nameof(settings)), listener =>
            {
                listener.Protocols = protocols;
                connections?.Invoke(listener);
                if (certificates.Count > 0)
                    listener.UseHttps(https => (https.ServerCertificate, https.ServerCertificateChain) = (certificates[0], [.. certificates.Skip(1)]));
            });
        });
        if (certificates.Count > 0)
            builder.WebHost.UseKestrelHttpsConfiguration();
        builder.Services.AddRoutingCore();
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        builder.Logging.SetMinimumLevel(LogLevel.Error);
        services?.Invoke(builder.Services);

        var application = builder.Build();
        if (token is not null)
        {
            application.Use((context, next) =>
            {
                if (Shows(context.Request, token))
                    return next(context);
                if (open?.Contains(context.Request.Path.Value) == true)
                {
                    context.Items[Stranger] = true;
                    return next(context);
                }

                unauthorized?.Invoke();
                context.Response.StatusCode = StatusCodes.Status401Unauthorized;
                context.Response.Headers.WWWAuthenticate = Scheme.TrimEnd();
                return Task.CompletedTask;
            });
        }

        return application;
    }

    /// <summary>True if a token is asked for elsewhere, and this request did not show it.</summary>
    public static bool IsStranger(HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return context.Items.ContainsKey(Stranger);
    }

    /// <summary>Starts a server.</summary>
    /// <returns>Where it listens.</returns>
    /// <exception cref="ConfigurationException">The address cannot be listened at.</exception>
    public static async Task<IPEndPoint> StartAsync(WebApplication application, ListenSettings settings, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(application);
        ArgumentNullException.ThrowIfNull(settings);
        try
        {
            await application.StartAsync(cancellation);
        }
        catch (Exception exception) when (exception is IOException or SocketException)
        {
            throw new ConfigurationException($"{settings.Section}.listen = {settings.Address}: {exception.GetBaseException().Message}", exception);
        }

        return new IPEndPoint(settings.Address!.Address, new Uri(application.Urls.Single()).Port);
    }

    // Hashes have one length and tell nothing of the token, whatever time their comparison takes.
    private static bool Shows(HttpRequest request, byte[] token) =>
        request.Headers.Authorization.ToString() is { } shown && shown.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)
            && CryptographicOperations.FixedTimeEquals(Hash(shown[Scheme.Length..].Trim()), token);

    private static byte[] Hash(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));

    // The server's own certificate, and behind it those between it and its root, as the file has them. None: no TLS.
    private static X509Certificate2Collection Certificates(ListenSettings settings)
    {
        var certificates = new X509Certificate2Collection();
        if (settings.Certificate is null)
            return certificates;
        try
        {
            certificates.ImportFromPemFile(settings.Certificate);
            if (certificates.Count == 0)
                throw new ConfigurationException($"{settings.Section}.tls-certificate = {settings.Certificate}: it has no certificate in PEM");
            certificates[0] = X509Certificate2.CreateFromPemFile(settings.Certificate, settings.Key);
            return certificates;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            throw new ConfigurationException($"{settings.Section}.tls-certificate = {settings.Certificate}: {exception.Message}", exception);
        }
    }
}
