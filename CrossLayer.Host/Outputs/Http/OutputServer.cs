using System.Net;
using System.Text;
using CrossLayer.Actors.Cluster;
using CrossLayer.Host.Outputs.Cluster;
using CrossLayer.Host.Outputs.Health;
using CrossLayer.Host.Outputs.Metrics;
using CrossLayer.Host.Outputs.Stream;
using CrossLayer.Host.Web;
using CrossLayer.Probe.Clock;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace CrossLayer.Host.Outputs.Http;

/// <summary>The HTTP server that says how the daemon is doing: <c>/metrics</c>, <c>/healthz</c>, <c>/readyz</c>, <c>/v1/events</c>, <c>/v1/cluster</c>.</summary>
internal sealed class OutputServer : IAsyncDisposable
{
    private readonly WebApplication _application;
    private readonly CancellationTokenSource _stopping = new();
    private readonly OutputHttpSettings _settings;
    private readonly MetricsPage _page;
    private readonly HealthGatherer _health;

    /// <summary>Made, but not started.</summary>
    /// <exception cref="Akka.Configuration.ConfigurationException">Certificate, key or token cannot be read.</exception>
    public OutputServer(OutputHttpSettings settings, MetricsPage page, HealthGatherer health, EventStream stream, Func<ClusterReading?> cluster)
    {
        ArgumentNullException.ThrowIfNull(settings);
        (_settings, _page, _health) = (settings, page, health);
        _application = WebServer.Create(settings.Listen, HttpProtocols.Http1, limits =>
        {
            limits.MaxConcurrentConnections = settings.MaxConnections;
            limits.MaxRequestBodySize = 0;
            limits.MaxRequestHeadersTotalSize = 8 * 1024;
            limits.RequestHeadersTimeout = TimeSpan.FromSeconds(5);
            limits.KeepAliveTimeout = TimeSpan.FromSeconds(75);
        }, open: settings.HealthWithoutToken ? ["/healthz", "/readyz"] : []);
        var stopping = _stopping.Token;
        _application.MapGet("/metrics", (RequestDelegate)WriteMetricsAsync);
        _application.MapGet("/healthz", context => WriteAsync(context, snapshot => HealthReport.Live(snapshot, _settings.AliveWithin)));
        _application.MapGet("/readyz", context => WriteAsync(context, HealthReport.Ready));
        _application.MapGet("/v1/cluster", context => cluster() is { } reading
            ? WriteTextAsync(context, StatusCodes.Status200OK, "application/json", ClusterJson.Write(reading) + "\n")
            : WriteTextAsync(context, StatusCodes.Status404NotFound, "application/json", "{\"error\":\"this host is of no cluster\"}\n"));
        _application.MapGet("/v1/events", context => EventStreamResponse.ServeAsync(context, stream, stopping));
    }

    /// <summary>Where it listens, once started.</summary>
    public IPEndPoint? Address { get; private set; }

    /// <summary>Starts to listen.</summary>
    /// <exception cref="InputException">The address cannot be listened at.</exception>
    public async Task StartAsync(CancellationToken cancellation)
    {
        try
        {
            await _application.StartAsync(cancellation);
        }
        catch (IOException exception)
        {
            throw new InputException($"{_settings.Listen.Section}.listen = {_settings.Listen.Address}: {exception.Message}", exception);
        }

        var address = new Uri(_application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
        Address = new IPEndPoint(IPAddress.Parse(address.Host), address.Port);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync(); // streams end first: a server waits for its requests
        await _application.StopAsync(CancellationToken.None);
        await _application.DisposeAsync();
        _stopping.Dispose();
    }

    private async Task WriteMetricsAsync(HttpContext context)
    {
        var text = _page.Write(await _health.ProbeAsync(), KernelClock.MonotonicNs());
        await WriteTextAsync(context, StatusCodes.Status200OK, MetricsWriter.ContentType, text);
    }

    private async Task WriteAsync(HttpContext context, Func<HealthSnapshot, HealthReport> judge)
    {
        var report = judge(await _health.GatherAsync());
        await WriteTextAsync(
            context, report.Ok ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable, "application/json",
            (WebServer.IsStranger(context) ? report.ToJsonWithoutChecks() : report.ToJson()) + "\n");
    }

    private static async Task WriteTextAsync(HttpContext context, int status, string type, string text)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = type;
        context.Response.Headers.CacheControl = "no-store";
        await context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(text), context.RequestAborted);
    }
}
