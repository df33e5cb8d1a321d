using System.Text.Json;
using CrossLayer.Actors.Connections;
using CrossLayer.Actors.Correlations;
using CrossLayer.Actors.Requests;

namespace CrossLayer.Host.Files;

/// <summary>
/// Correlations in JSON. Fields that the file format promises are always there, null where they have no value. Reading
/// requires <c>request_id</c> and <c>verdict</c>; fields that follow from others (<c>app_latency_ms</c>,
/// <c>kernel_event_count</c>, <c>discrepancy_detected</c>) are not read but computed again.
/// </summary>
internal static class CorrelationJson
{
    /// <summary>The array's name in a correlations file.</summary>
    public const string Container = "correlations";

    private const string AppLatencyMs = "app_latency_ms";
    private const string KernelEventCount = "kernel_event_count";
    private const string DiscrepancyDetected = "discrepancy_detected";
    private const string DiscrepancyReason = "discrepancy_reason";
    private const string Verdict = "verdict";
    private const string Cause = "cause";
    private const string CauseConfidence = "cause_confidence";
    private const string BlindLayer = "blind_layer";
    private const string Place = "place";
    private const string Match = "match";
    private const string Method = "method";
    private const string Candidates = "candidates";
    private const string Confidence = "confidence";
    private const string DeliveredMs = "delivered_ms";
    private const string Ledger = "ledger";
    private const string ConnectMs = "connect_ms";
    private const string RequestMs = "request_ms";
    private const string ApplicationMs = "application_ms";
    private const string ResponseMs = "response_ms";
    private const string RwndLimitedMs = "rwnd_limited_ms";
    private const string SndbufLimitedMs = "sndbuf_limited_ms";
    private const string RecoveryMs = "recovery_ms";
    private const string AcceptWaitMs = "accept_wait_ms";
    private const string AckWaitMs = "ack_wait_ms";
    private const string RemainderMs = "remainder_ms";
    private const string EvidenceComplete = "evidence_complete";
    private const string StartUnixNs = "start_unix_ns";
    private const string ClosedAtNs = "closed_at_ns";
    private const string Client = "client";
    private const string Server = "server";
    private const string Record = "record";
    private const string Exchange = "exchange";

    /// <summary>Correlations as a kind of record.</summary>
    public static RecordKind<Correlation> Kind { get; } = new("correlation", Container, Read, Write);

    private static Correlation Read(ref FieldReader fields)
    {
        RequestId? id = null;
        Verdict? verdict = null;
        var finding = Finding.Healthy with { Confidence = 0 };
        var match = Actors.Correlations.Match.None;
        var ledger = Actors.Correlations.Ledger.Empty;
        double? deliveredMs = null;
        long? startUnixNs = null;
        var closedAtNs = 0L;
        var complete = false;
        (RequestRecord? Record, Exchange? Exchange) client = default, server = default;

        while (fields.Next())
        {
            switch (fields.Name)
            {
                case RequestIdJson.Name: id = RequestIdJson.Read(ref fields); break;
                case Verdict: verdict = fields.Enum(CorrelationNames.Verdicts); break;
                case DiscrepancyReason: finding = finding with { Reason = fields.Text() }; break;
                case Cause: finding = finding with { Cause = fields.Enum(CorrelationNames.Causes) }; break;
                case CauseConfidence: finding = finding with { Confidence = fields.Number(0, 1) }; break;
                case BlindLayer: finding = finding with { BlindLayer = fields.Enum(CorrelationNames.BlindLayers) }; break;
                case Match: match = ReadMatch(ref fields); break;
                case DeliveredMs: deliveredMs = fields.Number(); break;
                case Ledger: ledger = ReadLedger(ref fields); break;
                case EvidenceComplete: complete = fields.Flag(); break;
                case StartUnixNs: startUnixNs = fields.Whole<long>(least: 1); break;
                case ClosedAtNs: closedAtNs = fields.Whole<long>(least: 0); break;
                case Client: client = ReadSide(ref fields); break;
                case Server: server = ReadSide(ref fields); break;
                case AppLatencyMs or KernelEventCount or DiscrepancyDetected or Place: fields.Skip(); break;
                default: fields.SkipUnknown(); break;
            }
        }

        FieldReader.Require(id is not null, RequestIdJson.Name);
        FieldReader.Require(verdict is not null, Verdict);
        return new Correlation
        {
            RequestId = id!.Value,
            ClosedAtNs = closedAtNs,
            StartUnixNs = startUnixNs,
            ClientRecord = client.Record,
            ServerRecord = server.Record,
            ClientExchange = client.Exchange,
            ServerExchange = server.Exchange,
            Match = match,
            Finding = finding with { Verdict = verdict!.Value },
            DeliveredMs = deliveredMs,
            Ledger = ledger,
            EvidenceComplete = complete,
        };
    }

    private static Match ReadMatch(ref FieldReader fields)
    {
        var match = Actors.Correlations.Match.None;
        fields.Enter();
        while (fields.Next())
        {
            switch (fields.Name)
            {
                case Method: match = match with { Method = fields.Enum(CorrelationNames.MatchMethods) }; break;
                case Candidates: match = match with { Candidates = fields.Whole<int>(least: 0) }; break;
                case Confidence: match = match with { Confidence = fields.Number(0, 1) }; break;
                default: fields.SkipUnknown(); break;
            }
        }

        return match;
    }

    private static Ledger ReadLedger(ref FieldReader fields)
    {
        var ledger = Actors.Correlations.Ledger.Empty;
        fields.Enter();
        while (fields.Next())
        {
            switch (fields.Name)
            {
                case ConnectMs: ledger = ledger with { ConnectMs = fields.Number() }; break;
                case RequestMs: ledger = ledger with { RequestMs = fields.Number() }; break;
                case ApplicationMs: ledger = ledger with { ApplicationMs = fields.Number() }; break;
                case ResponseMs: ledger = ledger with { ResponseMs = fields.Number() }; break;
                case AcceptWaitMs: ledger = ledger with { AcceptWaitMs = fields.Number() }; break;
                case SndbufLimitedMs: ledger = ledger with { SndbufLimitedMs = fields.Number() }; break;
                case RecoveryMs: ledger = ledger with { RecoveryMs = fields.Number() }; break;
                case AckWaitMs: ledger = ledger with { AckWaitMs = fields.Number() }; break;
                case RwndLimitedMs: ledger = ledger with { RwndLimitedMs = fields.Number() }; break;
                case RemainderMs: ledger = ledger with { RemainderMs = fields.Number() }; break;
                default: fields.SkipUnknown(); break;
            }
        }

        return ledger;
    }

    private static (RequestRecord? Record, Exchange? Exchange) ReadSide(ref FieldReader fields)
    {
        (RequestRecord? Record, Exchange? Exchange) side = default;
        fields.Enter();
        while (fields.Next())
        {
            switch (fields.Name)
            {
                case Record:
                    fields.Enter();
                    side.Record = RequestRecordJson.Read(ref fields);
                    break;
                case Exchange: side.Exchange = ExchangeJson.Read(ref fields); break;
                default: fields.SkipUnknown(); break;
            }
        }

        return side;
    }

    private static void Write(Utf8JsonWriter writer, in Correlation correlation)
    {
        var finding = correlation.Finding;
        writer.WriteStartObject();
        RequestIdJson.Write(writer, correlation.RequestId);
        writer.WriteOrNull(AppLatencyMs, correlation.AppLatencyMs);
        writer.WriteNumber(KernelEventCount, correlation.KernelEventCount);
        writer.WriteBoolean(DiscrepancyDetected, finding.Verdict == Actors.Correlations.Verdict.Discrepant);
        writer.WriteString(DiscrepancyReason, finding.Reason);
        writer.WriteString(Verdict, CorrelationNames.Verdicts[finding.Verdict]);
        writer.WriteString(Cause, finding.Cause is { } cause ? CorrelationNames.Causes[cause].Value : null);
        writer.WriteOrNull(CauseConfidence, finding.Confidence);
        writer.WriteString(BlindLayer, CorrelationNames.BlindLayers[finding.BlindLayer]);
        writer.WriteString(Place, CorrelationNames.Places[correlation.Place]);
        Write(writer, correlation.Match);
        writer.WriteOrNull(DeliveredMs, correlation.DeliveredMs);
        Write(writer, correlation.Ledger);
        writer.WriteBoolean(EvidenceComplete, correlation.EvidenceComplete);
        writer.WriteGiven(StartUnixNs, correlation.StartUnixNs);
        writer.WriteNumber(ClosedAtNs, correlation.ClosedAtNs);
        Write(writer, Client, correlation.ClientRecord, correlation.ClientExchange);
        Write(writer, Server, correlation.ServerRecord, correlation.ServerExchange);
        writer.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter writer, Match match)
    {
        writer.WriteStartObject(Match);
        writer.WriteString(Method, CorrelationNames.MatchMethods[match.Method]);
        writer.WriteNumber(Candidates, match.Candidates);
        writer.WriteOrNull(Confidence, match.Confidence);
        writer.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter writer, Ledger ledger)
    {
        writer.WriteStartObject(Ledger);
        writer.WriteOrNull(ConnectMs, ledger.ConnectMs);
        writer.WriteOrNull(AcceptWaitMs, ledger.AcceptWaitMs);
        writer.WriteOrNull(RequestMs, ledger.RequestMs);
        writer.WriteOrNull(ApplicationMs, ledger.ApplicationMs);
        writer.WriteOrNull(ResponseMs, ledger.ResponseMs);
        writer.WriteOrNull(SndbufLimitedMs, ledger.SndbufLimitedMs);
        writer.WriteOrNull(RwndLimitedMs, ledger.RwndLimitedMs);
        writer.WriteOrNull(RecoveryMs, ledger.RecoveryMs);
        writer.WriteOrNull(AckWaitMs, ledger.AckWaitMs);
        writer.WriteOrNull(RemainderMs, ledger.RemainderMs);
        writer.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter writer, string side, RequestRecord? record, Exchange? exchange)
    {
        if (record is null && exchange is null)
            return;
        writer.WriteStartObject(side);
        if (record is not null)
        {
            writer.WritePropertyName(Record);
            RequestRecordJson.Write(writer, record);
        }

        if (exchange is not null)
        {
            writer.WritePropertyName(Exchange);
            ExchangeJson.Write(writer, exchange);
        }

        writer.WriteEndObject();
    }
}
