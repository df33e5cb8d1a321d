using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace CrossLayer.Integration.Tests.Ingest.Otlp;

/// <summary>A web service and a client of it in this process, traced with OpenTelemetry's own packages and exported to one place.</summary>
internal sealed class TracedShop : IAsyncDisposable
{
    /// <summary>Those who make one take turns: what the filter of one leaves out, OpenTelemetry leaves out for all of the process.</summary>
    public const string Collection = "traced shops";

    /// <summary>A first request is slow, as code is compiled for it: one that is traced as any other, and not exported.</summary>
    private const string WarmUp = "/orders/warm-up";

    private const string Unrelated = "crosslayer.tests.unrelated";

    private static readonly ActivitySource Source = new(Unrelated);

    private readonly WebApplication _application;
    private readonly TracerProvider _tracing;

    private TracedShop(WebApplication application, TracerProvider tracing) => (_application, _tracing) = (application, tracing);

    /// <summary>The trace of each order that was asked for.</summary>
    public ConcurrentDictionary<string, string> Traces { get; } = new();

    public int Port => new Uri(_application.Urls.Single()).Port;

    /// <param name="exportTo">Where spans go.</param>
    /// <param name="protocol">How they go there.</param>
    /// <param name="clients">Clients in this process make spans, too.</param>
    public static async Task<TracedShop> StartAsync(Uri exportTo, OtlpExportProtocol protocol, bool clients = true)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var application = builder.Build();
        TracedShop? shop = null;
        application.MapGet("/orders/{order}", (string order) =>
        {
            shop!.Traces[order] = $"{Activity.Current?.TraceId}";
            return Results.Text(order);
        });
        // Other tests make requests in this process meanwhile.
        var isOwn = (int? port) => application.Urls.Any(url => new Uri(url).Port == port);
        var tracing = Sdk.CreateTracerProviderBuilder()
            .ConfigureResource(resource => resource.AddService("shop"))
            .AddSource(Unrelated)
            .AddAspNetCoreInstrumentation(options =>
            {
                options.Filter = context => isOwn(context.Connection.LocalPort);
                options.EnrichWithHttpRequest = (activity, request) =>
                {
                    if (request.Path == WarmUp)
                        activity.ActivityTraceFlags &= ~ActivityTraceFlags.Recorded;
                    var connection = request.HttpContext.Connection;
                    activity.SetTag("network.local.address", connection.LocalIpAddress?.ToString());
                    activity.SetTag("network.local.port", connection.LocalPort);
                    activity.SetTag("network.peer.address", connection.RemoteIpAddress?.ToString());
                    activity.SetTag("network.peer.port", connection.RemotePort);
                };
            })
            .AddHttpClientInstrumentation(options => options.FilterHttpRequestMessage = request =>
                clients && isOwn(request.RequestUri?.Port) && request.RequestUri?.AbsolutePath != WarmUp)
            .AddOtlpExporter(options => (options.Endpoint, options.Protocol, options.ExportProcessorType) = (exportTo, protocol, ExportProcessorType.Batch))
            .Build();
        shop = new TracedShop(application, tracing);
        await application.StartAsync();
        using var client = new HttpClient();
        await client.GetStringAsync(new Uri(new Uri(application.Urls.Single()), WarmUp));
        return shop;
    }

    /// <summary>Has one request made, and something else done; both are exported.</summary>
    public async Task<bool> WorkAsync()
    {
        using (Source.StartActivity("think"))
        {
            using var client = new HttpClient();
            await client.GetStringAsync(new Uri($"{_application.Urls.Single()}/orders/17?who=me"));
        }

        return _tracing.ForceFlush(20_000);
    }

    public async ValueTask DisposeAsync()
    {
        await _application.DisposeAsync();
        _tracing.Dispose();
    }
}
