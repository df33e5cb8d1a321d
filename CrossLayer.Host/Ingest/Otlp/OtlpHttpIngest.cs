using System.Net;
using System.Net.Mime;
using Akka.Configuration;
using CrossLayer.Host.Ingest.Otlp.Wire;
using CrossLayer.Host.Web;
using Google.Protobuf;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Net.Http.Headers;

namespace CrossLayer.Host.Ingest.Otlp;

/// <summary>Takes OpenTelemetry's traces over HTTP, in protobuf or JSON (opentelemetry.io/docs/specs/otlp, OTLP/HTTP).</summary>
internal sealed class OtlpHttpIngest : IAsyncDisposable
{
    /// <summary>The section of the configuration that says where it listens.</summary>
    public const string Section = "crosslayer.ingest.otlp-http";

    /// <summary>What counters call the source.</summary>
    public const string Source = "otlp_http";

    /// <summary>Where traces are sent to.</summary>
    public const string Path = "/v1/traces";

    private const string Protobuf = "application/x-protobuf";

    private static readonly JsonFormatter Formatter = new(JsonFormatter.Settings.Default);

    private readonly IngestServer _server;
    private readonly OtlpReceiver _receiver;

    /// <summary>A source that is not started.</summary>
    /// <param name="listen">Where it listens; the address is not null.</param>
    /// <param name="limits">What it takes.</param>
    /// <param name="intake">Where the records go.</param>
    /// <exception cref="ConfigurationException">Certificate, key or token cannot be read.</exception>
    public OtlpHttpIngest(ListenSettings listen, IngestLimits limits, RecordIntake intake)
    {
        _server = new IngestServer(listen, limits, HttpProtocols.Http1, intake);
        _receiver = new OtlpReceiver(_server);
        _server.Map(Path, TakeAsync, RefuseAsync);
    }

    /// <summary>Where it listens, once it is started.</summary>
    public IPEndPoint? Address => _server.Address;

    /// <summary>Starts listening.</summary>
    /// <exception cref="ConfigurationException">The address cannot be listened at.</exception>
    public Task StartAsync(CancellationToken cancellation) => _server.StartAsync(cancellation);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private async Task TakeAsync(HttpContext context)
    {
        var isJson = TypeOf(context.Request) switch
        {
            MediaTypeNames.Application.Json => true,
            Protobuf => false,
            var other => throw new RefusedException(
                StatusCodes.Status415UnsupportedMediaType, Rejection.Malformed,
                $"Content-Type is {Files.OneLine.Of(other)}; expected {Protobuf} or {MediaTypeNames.Application.Json}"),
        };
        var spans = await _server.Bodies.ReadAsync(context, body => _receiver.Read(body, isJson));
        var answer = await _receiver.TakeAsync(spans, context.Connection.RemoteIpAddress, context.RequestAborted);
        await AnswerAsync(context, answer);
    }

    private static Task RefuseAsync(HttpContext context, RefusedException refused) =>
        AnswerAsync(context, new RpcStatus { Code = (int)OtlpGrpcIngest.CodeOf(refused), Message = refused.Message });

    private static string TypeOf(HttpRequest request) =>
        MediaTypeHeaderValue.TryParse(request.ContentType, out var type) ? type.MediaType.ToString().ToLowerInvariant() : "missing";

    // The answer is in the request's own language.
    private static async Task AnswerAsync(HttpContext context, IMessage answer)
    {
        var isJson = TypeOf(context.Request) == MediaTypeNames.Application.Json;
        context.Response.ContentType = isJson ? MediaTypeNames.Application.Json : Protobuf;
        if (isJson)
            await context.Response.WriteAsync(Formatter.Format(answer), context.RequestAborted);
        else
            await context.Response.Body.WriteAsync(answer.ToByteArray(), context.RequestAborted);
    }
}
