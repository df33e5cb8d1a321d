using System.Net;
using System.Net.Mime;
using Akka.Configuration;
using CrossLayer.Host.Web;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Net.Http.Headers;

namespace CrossLayer.Host.Ingest.Http;

/// <summary>Takes request records over HTTP: <c>POST /v1/requests</c>, in the formats of request record files.</summary>
internal sealed class HttpIngest : IAsyncDisposable
{
    /// <summary>The section of the configuration that says where it listens.</summary>
    public const string Section = "crosslayer.ingest.http";

    /// <summary>What counters call the source.</summary>
    public const string Source = "http";

    /// <summary>Where records are sent to.</summary>
    public const string Path = "/v1/requests";

    private static readonly TimeSpan WhenFull = TimeSpan.FromSeconds(1);

    // A page in a browser cannot send these to another site without being allowed to (fetch.spec.whatwg.org, CORS-safelisted).
    private static readonly string[] MediaTypes = [MediaTypeNames.Application.Json, "application/x-ndjson", "application/jsonl"];

    private readonly IngestServer _server;

    /// <summary>A source that is not started.</summary>
    /// <param name="listen">Where it listens; the address is not null.</param>
    /// <param name="limits">What it takes.</param>
    /// <param name="intake">Where the records go.</param>
    /// <exception cref="ConfigurationException">Certificate, key or token cannot be read.</exception>
    public HttpIngest(ListenSettings listen, IngestLimits limits, RecordIntake intake)
    {
        _server = new IngestServer(listen, limits, HttpProtocols.Http1, intake);
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
        var type = context.Request.ContentType;
        if (!MediaTypeHeaderValue.TryParse(type, out var parsed) || !MediaTypes.Contains(parsed.MediaType.Value, StringComparer.OrdinalIgnoreCase))
        {
            throw new RefusedException(
                StatusCodes.Status415UnsupportedMediaType, Rejection.Malformed,
                $"Content-Type is {Files.OneLine.Of(type ?? "missing")}; expected {string.Join(" or ", MediaTypes)}");
        }

        var limits = _server.Limits;
        var found = await _server.Bodies.ReadAsync(context, body => Parse(body.Span, limits.MaxRecords));
        _server.Senders.TakeRecords(context.Connection.RemoteIpAddress, found.Records.Count);
        if (found.Rejected > 0)
            _server.Intake.Reject(Rejection.Malformed, found.Rejected);
        var reported = await _server.Intake.OfferAsync(found.Records, context.RequestAborted);
        if (reported.Rejected > 0)
        {
            _server.Intake.Reject(Rejection.PipelineFull, reported.Rejected);
            context.Response.Headers.RetryAfter = RefusedException.Seconds(WhenFull);
        }

        var status = reported.Rejected > 0 ? StatusCodes.Status503ServiceUnavailable
            : found is { Records.Count: 0, Rejected: > 0 } ? StatusCodes.Status400BadRequest
            : StatusCodes.Status202Accepted;
        await AnswerAsync(context, status, reported.Accepted, found.Rejected + reported.Rejected,
            found.FirstError ?? (reported.Rejected > 0 ? "the pipeline is full; send again what was not accepted" : null));
    }

    private static ParsedRecords Parse(ReadOnlySpan<byte> body, int maxRecords)
    {
        if (body.Trim(" \t\r\n"u8).IsEmpty)
            throw new RefusedException(StatusCodes.Status400BadRequest, Rejection.Malformed, "the body is empty; expected request records");
        return RecordParser.Parse(body, "body", maxRecords) ?? throw new RefusedException(
            StatusCodes.Status413PayloadTooLarge, Rejection.TooLarge, $"more than {maxRecords} records; send them in parts");
    }

    private static Task RefuseAsync(HttpContext context, RefusedException refused) =>
        AnswerAsync(context, refused.StatusCode, 0, 0, refused.Message);

    private static async Task AnswerAsync(HttpContext context, int status, int accepted, int rejected, string? firstError)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = MediaTypeNames.Application.Json;
        using var json = new Files.JsonBytes();
        json.Writer.WriteStartObject();
        json.Writer.WriteNumber("accepted", accepted);
        json.Writer.WriteNumber("rejected", rejected);
        if (firstError is not null)
            json.Writer.WriteString("first_error", firstError);
        json.Writer.WriteEndObject();
        await context.Response.Body.WriteAsync(json.Written.ToArray(), context.RequestAborted);
    }
}
