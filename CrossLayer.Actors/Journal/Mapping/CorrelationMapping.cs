using CrossLayer.Actors.Correlations;
using CrossLayer.Actors.Requests;

namespace CrossLayer.Actors.Journal.Mapping;

/// <summary>A correlation to and from its stored form.</summary>
internal static class CorrelationMapping
{
    public static Wire.DiscrepancyFound ToWire(this DiscrepancyFound found) => new() { Correlation = found.Correlation.ToWire() };

    public static DiscrepancyFound FromWire(this Wire.DiscrepancyFound found) =>
        new((found.Correlation ?? throw JournalFormatException.Missing("correlation")).FromWire());

    public static Wire.RequestId ToWire(this RequestId id) => new() { Text = id.Text, IsNumber = id.IsNumber };

    public static RequestId FromWire(this Wire.RequestId id) => new(id.Text, id.IsNumber);

    public static Wire.Correlation ToWire(this Correlation correlation)
    {
        var wire = new Wire.Correlation
        {
            RequestId = correlation.RequestId.ToWire(),
            ClosedAtNs = correlation.ClosedAtNs,
            ClientRecord = correlation.ClientRecord?.ToWire(correlation.RequestId),
            ServerRecord = correlation.ServerRecord?.ToWire(correlation.RequestId),
            ClientExchange = correlation.ClientExchange?.ToWire(),
            ServerExchange = correlation.ServerExchange?.ToWire(),
            Match = correlation.Match.ToWire(),
            Finding = correlation.Finding.ToWire(),
            Ledger = correlation.Ledger.ToWire(),
            EvidenceComplete = correlation.EvidenceComplete,
        };
        if (correlation.StartUnixNs is { } start)
            wire.StartUnixNs = start;
        if (correlation.DeliveredMs is { } delivered)
            wire.DeliveredMs = delivered;
        return wire;
    }

    public static Correlation FromWire(this Wire.Correlation wire)
    {
        var id = (wire.RequestId ?? throw JournalFormatException.Missing("request_id")).FromWire();
        var match = wire.Match ?? throw JournalFormatException.Missing("match");
        return new Correlation
        {
            RequestId = id,
            ClosedAtNs = wire.ClosedAtNs,
            StartUnixNs = wire.HasStartUnixNs ? wire.StartUnixNs : null,
            ClientRecord = wire.ClientRecord?.FromWire(id),
            ServerRecord = wire.ServerRecord?.FromWire(id),
            ClientExchange = wire.ClientExchange?.FromWire(),
            ServerExchange = wire.ServerExchange?.FromWire(),
            Match = match.FromWire(),
            Finding = (wire.Finding ?? throw JournalFormatException.Missing("finding")).FromWire(),
            DeliveredMs = wire.HasDeliveredMs ? wire.DeliveredMs : null,
            Ledger = (wire.Ledger ?? throw JournalFormatException.Missing("ledger")).FromWire(),
            EvidenceComplete = wire.EvidenceComplete,
        };
    }

    public static Wire.Match ToWire(this Match match) => new() { Method = match.Method.ToWire(), Candidates = match.Candidates, Confidence = match.Confidence };

    public static Match FromWire(this Wire.Match match) => new(match.Method.FromWire(), match.Candidates, match.Confidence);

    private static Wire.Finding ToWire(this Finding finding)
    {
        var wire = new Wire.Finding
        {
            Verdict = finding.Verdict.ToWire(),
            BlindLayer = finding.BlindLayer.ToWire(),
            Confidence = finding.Confidence,
        };
        if (finding.Cause is { } cause)
            wire.Cause = cause.ToWire();
        if (finding.Reason is { } reason)
            wire.Reason = reason;
        return wire;
    }

    private static Finding FromWire(this Wire.Finding wire) => new()
    {
        Verdict = wire.Verdict.FromWire(),
        Cause = wire.HasCause ? wire.Cause.FromWire() : null,
        BlindLayer = wire.BlindLayer.FromWire(),
        Confidence = wire.Confidence,
        Reason = wire.HasReason ? wire.Reason : null,
    };

    private static Wire.Ledger ToWire(this Ledger ledger)
    {
        var wire = new Wire.Ledger();
        if (ledger.ConnectMs is { } connect)
            wire.ConnectMs = connect;
        if (ledger.RequestMs is { } request)
            wire.RequestMs = request;
        if (ledger.ApplicationMs is { } application)
            wire.ApplicationMs = application;
        if (ledger.ResponseMs is { } response)
            wire.ResponseMs = response;
        if (ledger.RwndLimitedMs is { } closed)
            wire.RwndLimitedMs = closed;
        if (ledger.AcceptWaitMs is { } acceptWait)
            wire.AcceptWaitMs = acceptWait;
        if (ledger.SndbufLimitedMs is { } full)
            wire.SndbufLimitedMs = full;
        if (ledger.RecoveryMs is { } recovery)
            wire.RecoveryMs = recovery;
        if (ledger.AckWaitMs is { } ackWait)
            wire.AckWaitMs = ackWait;
        if (ledger.RemainderMs is { } remainder)
            wire.RemainderMs = remainder;
        return wire;
    }

    private static Ledger FromWire(this Wire.Ledger wire) => new()
    {
        ConnectMs = wire.HasConnectMs ? wire.ConnectMs : null,
        RequestMs = wire.HasRequestMs ? wire.RequestMs : null,
        ApplicationMs = wire.HasApplicationMs ? wire.ApplicationMs : null,
        ResponseMs = wire.HasResponseMs ? wire.ResponseMs : null,
        RwndLimitedMs = wire.HasRwndLimitedMs ? wire.RwndLimitedMs : null,
        AcceptWaitMs = wire.HasAcceptWaitMs ? wire.AcceptWaitMs : null,
        SndbufLimitedMs = wire.HasSndbufLimitedMs ? wire.SndbufLimitedMs : null,
        RecoveryMs = wire.HasRecoveryMs ? wire.RecoveryMs : null,
        AckWaitMs = wire.HasAckWaitMs ? wire.AckWaitMs : null,
        RemainderMs = wire.HasRemainderMs ? wire.RemainderMs : null,
    };
}
