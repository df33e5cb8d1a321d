using System.Net;
using CrossLayer.Host.Ingest.Otlp.Wire;
using Google.Protobuf;
using Microsoft.AspNetCore.Http;

namespace CrossLayer.Host.Ingest.Otlp;

/// <summary>What both of OTLP's transports do with a request: read it, map its spans, hand the records on, say what was not taken.</summary>
internal sealed class OtlpReceiver(IngestServer server)
{
    /// <summary>When a request that found no room may be sent again.</summary>
    public static readonly TimeSpan WhenFull = TimeSpan.FromSeconds(1);

    private static readonly MessageParser<ExportTraceServiceRequest> Protobuf = ExportTraceServiceRequest.Parser.WithDiscardUnknownFields(true);
    private static readonly JsonParser Json = new(JsonParser.Settings.Default.WithIgnoreUnknownFields(true));

    /// <summary>Reads a request and maps its spans.</summary>
    /// <param name="request">Decompressed.</param>
    /// <param name="isJson">Whether it is JSON, or protobuf.</param>
    /// <exception cref="RefusedException">It is malformed, or has too many spans.</exception>
    public MappedSpans Read(ReadOnlyMemory<byte> request, bool isJson) => Read(request, isJson, server.Limits.MaxRecords);

    /// <inheritdoc cref="Read(ReadOnlyMemory{byte}, bool)"/>
    /// <param name="maxSpans">The most spans.</param>
    public static MappedSpans Read(ReadOnlyMemory<byte> request, bool isJson, int maxSpans)
    {
        try
        {
            ExportTraceServiceRequest parsed;
            if (isJson)
            {
                OtlpBounds.CheckJson(request.Span, maxSpans);
                using var text = new StreamReader(new MemoryStream(request.ToArray()));
                parsed = Json.Parse<ExportTraceServiceRequest>(text);
            }
            else
            {
                OtlpBounds.CheckProtobuf(request.Span, maxSpans);
                parsed = Protobuf.ParseFrom(request.Span);
            }

            return parsed.ResourceSpans.Sum(resource => resource.ScopeSpans.Sum(scope => scope.Spans.Count)) <= maxSpans
                ? SpanMapper.Map(parsed)
                : throw OtlpBounds.TooMany(maxSpans);
        }
        catch (Exception exception) when (exception is InvalidProtocolBufferException or InvalidJsonException or FormatException or OverflowException)
        {
            throw OtlpBounds.Malformed(exception.Message, exception);
        }
    }

    /// <summary>Hands the records on.</summary>
    /// <returns>The answer: what was not taken, if it is not to be sent again.</returns>
    /// <exception cref="RefusedException">The sender sends too much, or the pipeline is full.</exception>
    public async Task<ExportTraceServiceResponse> TakeAsync(MappedSpans spans, IPAddress? sender, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(spans);
        server.Senders.TakeRecords(sender, spans.Records.Count);
        var reported = spans.Records.Count == 0 ? new(0, 0) : await server.Intake.OfferAsync(spans.Records, cancellation);
        if (reported is { Accepted: 0, Rejected: > 0 })
        {
            throw new RefusedException(
                StatusCodes.Status503ServiceUnavailable, Rejection.PipelineFull, "the pipeline is full; send it again later", WhenFull, reported.Rejected);
        }

        if (spans.NoRequest > 0)
            server.Intake.Reject(Rejection.NoRequest, spans.NoRequest);
        if (spans.Malformed > 0)
            server.Intake.Reject(Rejection.Malformed, spans.Malformed);
        if (reported.Rejected > 0)
            server.Intake.Reject(Rejection.PipelineFull, reported.Rejected);
        var answer = new ExportTraceServiceResponse();
        if (spans.Malformed + reported.Rejected > 0)
        {
            answer.PartialSuccess = new ExportTracePartialSuccess
            {
                RejectedSpans = spans.Malformed + reported.Rejected,
                ErrorMessage = spans.FirstError ?? "the pipeline is full",
            };
        }

        return answer;
    }
}
