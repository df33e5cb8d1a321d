using System.Net.Sockets;
using CrossLayer.Actors.Requests;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace CrossLayer.Host.Serving;

/// <summary>
/// An HTTP server that reports each of its requests once, when its response is complete (<see cref="Routes"/> says what
/// it serves). Kestrel without a host around it: it logs nothing and listens to no signals. Disposing it lets requests in
/// progress finish for <see cref="StopTimeout"/>, and returns when all are reported.
/// </summary>
internal sealed class HttpServer : IAsyncDisposable
{
    /// <summary>How long requests in progress may go on when the server stops.</summary>
    public static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(5);

    private readonly KestrelServer _kestrel;

    private HttpServer(KestrelServer kestrel)
    {
        _kestrel = kestrel;
        Url = new Uri(kestrel.Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.Single());
    }

    /// <summary>The port it listens at.</summary>
    public int Port => Url.Port;

    /// <summary>Where it listens.</summary>
    public Uri Url { get; }

    /// <summary>Starts a server; it accepts connections when this returns.</summary>
    /// <param name="options">Where, and as what.</param>
    /// <param name="report">
    /// Takes the record of each request, from several threads at once; the next request on the connection waits for it. It
    /// must not throw.
    /// </param>
    /// <param name="cancellation">Gives up starting.</param>
    /// <exception cref="InputException">The address or the port cannot be listened at.</exception>
    public static async Task<HttpServer> StartAsync(
        HttpServerOptions options, Func<RequestRecord, ValueTask> report, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(report);
        var kestrel = new KestrelServer(
            Options.Create(Kestrel(options)),
            options.Transport ?? new SocketTransportFactory(Options.Create(new SocketTransportOptions()), NullLoggerFactory.Instance),
            NullLoggerFactory.Instance);
        try
        {
            await kestrel.StartAsync(new ReportingApplication(options.Service, report, options.BeforeHandler), cancellation);
            return new HttpServer(kestrel);
        }
        catch (Exception exception) when (exception is IOException or SocketException)
        {
            kestrel.Dispose();
            throw new InputException(Refusal(options, exception), exception);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        using var patience = new CancellationTokenSource(StopTimeout);
        await _kestrel.StopAsync(patience.Token);
        _kestrel.Dispose();
    }

    private static KestrelServerOptions Kestrel(HttpServerOptions options)
    {
        var kestrel = new KestrelServerOptions { AddServerHeader = false };
        // The server must not cut off what a slow path delays: to see that is what it is for.
        kestrel.Limits.MinRequestBodyDataRate = null;
        kestrel.Limits.MinResponseDataRate = null;
        kestrel.Limits.MaxRequestBodySize = null;
        kestrel.Listen(options.Address, options.Port, listen =>
        {
            listen.Protocols = options.Protocols;
            listen.Use(next => async connection =>
            {
                using var served = ServedConnection.Attach(connection);
                using var gone = new CancellationTokenSource();
                if (options.HalfClosed > TimeSpan.Zero)
                {
                    var closed = connection.ConnectionClosed;
                    connection.ConnectionClosed = gone.Token;
                    await using var ended = closed.UnsafeRegister(_ => gone.CancelAfter(options.HalfClosed), null);
                    await next(connection);
                    return;
                }

                await next(connection);
            });
        });
        return kestrel;
    }

    private static string Refusal(HttpServerOptions options, Exception exception)
    {
        var place = $"port {options.Port} on {options.Address}";
        return (exception as SocketException ?? exception.InnerException as SocketException)?.SocketErrorCode switch
        {
            _ when exception.InnerException is AddressInUseException => InUse(place, options.Port),
            SocketError.AddressAlreadyInUse => InUse(place, options.Port),
            SocketError.AccessDenied => $"{place} is not allowed to this user; choose a port above 1023",
            SocketError.AddressNotAvailable => $"{options.Address} is not an address of this host; 'ip address' lists them",
            _ => $"cannot listen at {place}: {exception.Message}",
        };
    }

    private static string InUse(string place, int port) =>
        $"{place} is in use; choose another port, or stop the program that has it (ss -ltnp 'sport = :{port}' names it)";
}
