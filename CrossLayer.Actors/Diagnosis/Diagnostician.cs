using CrossLayer.Actors.Correlations;

namespace CrossLayer.Actors.Diagnosis;

/// <summary>
/// Says what the views of a request add up to. Pure: the rules of the rooms beside it are tried in order, from the
/// strongest evidence to the weakest, and the first that speaks decides.
/// </summary>
public static class Diagnostician
{
    private static readonly Func<CaseFile, Finding?>[] Rules =
    [
        EvidenceRules.MissingHook,
        ConnectRules.NoPort,
        EvidenceRules.NothingToCompare,
        ConnectRules.Refused,
        ConnectRules.AnswerLost,
        ConnectRules.NoAnswer,
        DeliveryRules.ClientLeft,
        LatencyRules.GaveUpOnHandler,
        DeliveryRules.ClosedUnread,
        DeliveryRules.ResetByServer,
        DeliveryRules.ResetReceived,
        DeliveryRules.NeverRead,
        DeliveryRules.NeverAcknowledged,
        DeliveryRules.RequestNeverArrived,
        DeliveryRules.ShortResponse,
        LatencyRules.SlowReader,
        LatencyRules.StalledAmidRequest,
        LatencyRules.SlowConnect,
        LatencyRules.EgressDrop,
        LatencyRules.ForgottenConnection,
        LatencyRules.ResponseBlackout,
        LatencyRules.Retransmits,
        LatencyRules.UnreadRequest,
        LatencyRules.SlowHandler,
        LatencyRules.ClientsOwnTime,
        LatencyRules.Queueing,
        LatencyRules.SlowPath,
        LatencyRules.LongRequest,
        LatencyRules.SlowUnexplained,
        EvidenceRules.FailedUnexplained,
        EvidenceRules.NotAnswered,
        EvidenceRules.NotLogged,
        EvidenceRules.Partial,
    ];

    /// <summary>The finding for a window, its ledger and the moment it closed.</summary>
    public static Finding Diagnose(RequestWindow window, Ledger ledger, CloseWindow closing, CorrelationSettings settings)
    {
        var caseFile = new CaseFile(window, ledger, closing, settings);
        foreach (var rule in Rules)
            if (rule(caseFile) is { } finding)
                return EvidenceRules.Limit(caseFile, finding);
        return Finding.Healthy;
    }
}
