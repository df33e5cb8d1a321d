using System.Net;
using Akka.Configuration;
using CrossLayer.Host.Web;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace CrossLayer.Host.Ingest.Otlp;

/// <summary>Takes OpenTelemetry's traces over gRPC (opentelemetry.io/docs/specs/otlp, OTLP/gRPC).</summary>
internal sealed class OtlpGrpcIngest : IAsyncDisposable
{
    /// <summary>The section of the configuration that says where it listens.</summary>
    public const string Section = "crosslayer.ingest.otlp-grpc";

    /// <summary>What counters call the source.</summary>
    public const string Source = "otlp_grpc";

    private readonly IngestServer _server;
    private readonly SemaphoreSlim _calls;

    /// <summary>A source that is not started.</summary>
    /// <param name="listen">Where it listens; the address is not null.</param>
    /// <param name="limits">What it takes.</param>
    /// <param name="intake">Where the records go.</param>
    /// <exception cref="ConfigurationException">Certificate, key or token cannot be read.</exception>
    public OtlpGrpcIngest(ListenSettings listen, IngestLimits limits, RecordIntake intake)
    {
        ArgumentNullException.ThrowIfNull(limits);
        // A connection has several calls: together they are bounded as other sources' are.
        _calls = new SemaphoreSlim(limits.MaxConnections);
        _server = new IngestServer(listen, limits, HttpProtocols.Http2, intake, services =>
        {
            services.AddGrpc(grpc =>
            {
                grpc.MaxReceiveMessageSize = limits.MaxDecompressedBytes;
                grpc.CompressionProviders = [new BoundedGzip(limits.MaxDecompressedBytes)];
            });
            services.AddSingleton(_ => new TraceService(_server!, new OtlpReceiver(_server!)));
        });
        _server.Application.Use(HandleAsync);
        _server.Application.MapGrpcService<TraceService>();
    }

    /// <summary>Where it listens, once it is started.</summary>
    public IPEndPoint? Address => _server.Address;

    /// <summary>Starts listening.</summary>
    /// <exception cref="ConfigurationException">The address cannot be listened at.</exception>
    public Task StartAsync(CancellationToken cancellation) => _server.StartAsync(cancellation);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _calls.Dispose();
    }

    /// <summary>gRPC's word for a refusal, as OTLP has it: what may be tried again is UNAVAILABLE, or RESOURCE_EXHAUSTED with a time.</summary>
    public static StatusCode CodeOf(RefusedException refused)
    {
        ArgumentNullException.ThrowIfNull(refused);
        return refused.StatusCode switch
        {
            StatusCodes.Status429TooManyRequests or StatusCodes.Status413PayloadTooLarge => StatusCode.ResourceExhausted,
            StatusCodes.Status503ServiceUnavailable => StatusCode.Unavailable,
            StatusCodes.Status408RequestTimeout => StatusCode.DeadlineExceeded,
            _ => StatusCode.InvalidArgument,
        };
    }

    // What gRPC's own machinery refuses before the service sees it shows in its status.
    private async Task HandleAsync(HttpContext context, RequestDelegate next)
    {
        var call = new GrpcCall();
        context.Features.Set(call);
        await _calls.WaitAsync(context.RequestAborted);
        try
        {
            using var patience = new CancellationTokenSource(_server.Limits.BodyTimeout);
            await using var end = patience.Token.UnsafeRegister(_ =>
            {
                if (call.IsReceived)
                    return;
                call.IsCounted = true;
                _server.Intake.Reject(Rejection.TooSlow);
                context.Abort();
            }, null);
            await next(context);
        }
        finally
        {
            _calls.Release();
            if (Refused(context, call) is { } reason)
                _server.Intake.Reject(reason);
        }
    }

    private static Rejection? Refused(HttpContext context, GrpcCall call)
    {
        const string statusName = "grpc-status";
        if (call.IsCounted)
            return null;
        var status = context.Features.Get<IHttpResponseTrailersFeature>()?.Trailers[statusName].ToString();
        if (string.IsNullOrEmpty(status))
            status = context.Response.Headers[statusName].ToString();
        return status switch
        {
            "0" => null,
            "8" => Rejection.TooLarge,
            _ => Rejection.Malformed,
        };
    }
}
