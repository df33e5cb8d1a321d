using System.Globalization;
using CrossLayer.Actors.Requests;
using CrossLayer.Host.Ingest.Otlp.Wire;
using Microsoft.AspNetCore.Http;

namespace CrossLayer.Host.Ingest.Otlp;

/// <summary>What a span says became of its request.</summary>
/// <param name="StatusCode">HTTP status; 0 where no response came.</param>
/// <param name="Result">What became of it.</param>
/// <param name="ErrorType">The application's name for the error; null without one.</param>
internal readonly record struct SpanOutcome(int StatusCode, RequestResult Result, string? ErrorType)
{
    // grpc.github.io/grpc/core/md_doc_statuscodes.html: what a client says without having heard of the server.
    private const string DeadlineExceeded = "4";
    private const string Unavailable = "14";

    /// <summary>Of a span with HTTP attributes.</summary>
    public static SpanOutcome OfHttp(SpanAttributes attributes)
    {
        var status = (int?)attributes.Whole(100, 999, "http.response.status_code", "http.status_code") ?? 0;
        var error = attributes.Text("error.type");
        if (error == status.ToString(CultureInfo.InvariantCulture))
            error = null; // what the status says already
        if (error is not null || status == 0)
            return new SpanOutcome(status, ResultOf(error), error);
        return new SpanOutcome(status, status >= StatusCodes.Status400BadRequest ? RequestResult.HttpError : RequestResult.Success, null);
    }

    /// <summary>Of a span of a remote procedure call: what was answered at all was answered with HTTP status 200.</summary>
    public static SpanOutcome OfRpc(Span span, SpanAttributes attributes)
    {
        ArgumentNullException.ThrowIfNull(span);
        var code = attributes.Text("rpc.response.status_code", "rpc.grpc.status_code");
        var error = attributes.Text("error.type") ?? (code is "0" or "OK" ? null : code);
        var isClient = span.Kind == SpanKind.Client;
        if (isClient && code is (DeadlineExceeded or "DEADLINE_EXCEEDED"))
            return new SpanOutcome(0, RequestResult.Timeout, error);
        if (isClient && code is (Unavailable or "UNAVAILABLE"))
            return new SpanOutcome(0, RequestResult.Error, error);
        if (error is null && span.Status?.Code != Wire.StatusCode.Error)
            return new SpanOutcome(StatusCodes.Status200OK, RequestResult.Success, null);
        return code is null
            ? new SpanOutcome(0, ResultOf(error), error)
            : new SpanOutcome(StatusCodes.Status200OK, RequestResult.HttpError, error);
    }

    // Errors are named by each language and library in its own way.
    private static RequestResult ResultOf(string? error)
    {
        if (Says("timeout") || Says("timedout") || Says("timed_out") || Says("deadline"))
            return RequestResult.Timeout;
        if (Says("refused"))
            return RequestResult.Refused;
        return Says("reset") ? RequestResult.Reset : RequestResult.Error;

        bool Says(string word) => error?.Contains(word, StringComparison.OrdinalIgnoreCase) == true;
    }
}
