using System.Net.Sockets;
using CrossLayer.Host.Lab;
using CrossLayer.Host.Lab.Injection;
using CrossLayer.Host.Lab.Traffic;

namespace CrossLayer.Host.Experiments;

/// <summary>A fault that was injected, and the packets that it met.</summary>
internal sealed record InjectedFault(Scenario Scenario, FaultLabel Label, IReadOnlyList<LoggedPacket> Packets);

/// <summary>Labels requests: from the injector's packets and the ends' own word, and from nothing that a detector sees.</summary>
internal static class RequestLabels
{
    /// <summary>The labels of an episode's requests.</summary>
    /// <param name="sent">The requests.</param>
    /// <param name="faults">What was injected.</param>
    /// <param name="map">To which requests packets belong.</param>
    /// <param name="atServer">The ids of requests that the server met with another behaviour.</param>
    public static IReadOnlyList<RequestLabel> Of(
        IReadOnlyList<SentRequest> sent, IReadOnlyList<InjectedFault> faults, TouchMap map, IReadOnlySet<string> atServer)
    {
        var byPackets = faults.Select(fault => map.Requests(fault.Packets)).ToList();
        return [.. sent.Select(request => new RequestLabel
        {
            RequestId = request.Record.RequestId.Text,
            Route = $"{request.Record.Method} {request.Record.Route}",
            StartUnixNs = request.Record.StartUnixNs ?? 0,
            LatencyMs = request.Record.LatencyMs,
            Outcome = request.Outcome,
            Armed = faults.Any(fault => WasUnderWay(request, fault.Label)),
            TouchedBy = [.. Enumerable.Range(0, faults.Count).Where(i => Met(request, faults[i], byPackets[i], atServer))],
        })];
    }

    private static bool Met(SentRequest request, InjectedFault fault, IReadOnlySet<SentRequest> byPackets, IReadOnlySet<string> atServer) => fault.Scenario.Touch switch
    {
        TouchRule.Nothing => false,
        TouchRule.Packets => byPackets.Contains(request),
        TouchRule.NewConnections => request.Trace.Attempts.Any(attempt =>
            attempt.Ordinal is null && attempt.UnixNs >= fault.Label.ArmedUnixNs && attempt.UnixNs <= fault.Label.LiftedUnixNs),
        TouchRule.NoPort => request.Record.ErrorType == nameof(SocketError.AddressNotAvailable) && WasUnderWay(request, fault.Label),
        TouchRule.UnderWay => WasUnderWay(request, fault.Label),
        TouchRule.Server => atServer.Contains(request.Record.RequestId.Text),
        TouchRule.Client => request.Misbehaved,
        _ => throw new ArgumentOutOfRangeException(nameof(fault), fault.Scenario.Touch, "no such rule"),
    };

    private static bool WasUnderWay(SentRequest request, FaultLabel fault) =>
        request.Record.StartUnixNs <= fault.LiftedUnixNs && request.Record.EndUnixNs >= fault.ArmedUnixNs;
}
