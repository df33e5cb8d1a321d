using System.Diagnostics;
using CrossLayer.Actors.Correlations;
using CrossLayer.Host.Files;

namespace CrossLayer.Host.Outputs.Otlp;

/// <summary>A discrepancy as a span: in the application's own trace where it named one, over the time of the request.</summary>
internal static class DiscrepancySpan
{
    /// <summary>The scope that spans are exported under.</summary>
    public const string Scope = "crosslayer.discrepancies";

    private const int TraceIdDigits = 32;

    /// <summary>Makes the span and ends it.</summary>
    /// <param name="source">Somebody listens to it.</param>
    /// <param name="correlation">A discrepancy.</param>
    public static void Emit(ActivitySource source, Correlation correlation)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(correlation);
        var record = correlation.ClientRecord ?? correlation.ServerRecord;
        var cause = CorrelationNames.Causes[correlation.Finding.Cause ?? Cause.Unknown].Value;
        var start = correlation.StartUnixNs is { } ns ? UnixTime.ToDateTime(ns) : DateTimeOffset.UtcNow;

        Activity.Current = null; // the parent is the application's, or none
        var span = source.StartActivity($"discrepancy {cause}", ActivityKind.Internal, Parent(correlation), startTime: start);
        if (span is null)
            return;
        span.SetStatus(ActivityStatusCode.Error, correlation.Finding.Reason);
        span.SetTag("crosslayer.cause", cause);
        span.SetTag("crosslayer.confidence", correlation.Finding.Confidence);
        span.SetTag("crosslayer.blind_layer", CorrelationNames.BlindLayers[correlation.Finding.BlindLayer].Value);
        span.SetTag("crosslayer.reason", correlation.Finding.Reason);
        span.SetTag("crosslayer.request_id", correlation.RequestId.Text);
        span.SetTag("crosslayer.match.method", CorrelationNames.MatchMethods[correlation.Match.Method].Value);
        span.SetTag("crosslayer.match.candidates", correlation.Match.Candidates);
        span.SetTag("crosslayer.match.confidence", correlation.Match.Confidence);
        span.SetTag("crosslayer.evidence_complete", correlation.EvidenceComplete);
        span.SetTag("crosslayer.app_latency_ms", correlation.AppLatencyMs);
        span.SetTag("crosslayer.delivered_ms", correlation.DeliveredMs);
        foreach (var (part, ms) in Parts(correlation.Ledger))
            span.SetTag($"crosslayer.ledger.{part}_ms", ms);
        span.SetTag("crosslayer.service", record?.Service);
        span.SetTag("http.request.method", record?.Method);
        span.SetTag("http.route", record?.Route);
        span.SetTag("http.response.status_code", record is { StatusCode: > 0 } ? record.StatusCode : null);
        span.SetEndTime((start + TimeSpan.FromMilliseconds(Math.Max(0, correlation.DeliveredMs ?? correlation.AppLatencyMs ?? 0))).UtcDateTime);
        span.Stop();
    }

    // Records name the trace, not the span: the discrepancy stands in the trace, beside the application's spans and below none.
    private static ActivityContext Parent(Correlation correlation)
    {
        foreach (var text in new[] { correlation.ClientRecord?.TraceId, correlation.ServerRecord?.TraceId })
        {
            if (text is { Length: TraceIdDigits } && text.All(char.IsAsciiHexDigit) && text.Any(digit => digit != '0'))
                return new ActivityContext(ActivityTraceId.CreateFromString(text.ToLowerInvariant()), default, ActivityTraceFlags.Recorded);
        }

        return new ActivityContext(ActivityTraceId.CreateRandom(), default, ActivityTraceFlags.Recorded);
    }

    private static IEnumerable<(string Part, double? Ms)> Parts(Ledger ledger) =>
    [
        ("connect", ledger.ConnectMs), ("accept_wait", ledger.AcceptWaitMs), ("request", ledger.RequestMs), ("application", ledger.ApplicationMs),
        ("response", ledger.ResponseMs), ("sndbuf_limited", ledger.SndbufLimitedMs), ("rwnd_limited", ledger.RwndLimitedMs),
        ("recovery", ledger.RecoveryMs), ("ack_wait", ledger.AckWaitMs), ("remainder", ledger.RemainderMs),
    ];
}
