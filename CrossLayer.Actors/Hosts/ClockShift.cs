using System.Collections.Immutable;
using CrossLayer.Actors.Connections;
using CrossLayer.Actors.Correlations;
using CrossLayer.Actors.Requests;

namespace CrossLayer.Actors.Hosts;

/// <summary>What one host saw, in the time of another host's clock. Pure.</summary>
internal static class ClockShift
{
    /// <summary>Every time of an exchange moved on by so many nanoseconds; spans of time stay as they are.</summary>
    internal static Exchange Shifted(this Exchange exchange, long byNs) => exchange with
    {
        ConnectStartNs = exchange.ConnectStartNs + byNs,
        ConnectEndNs = exchange.ConnectEndNs + byNs,
        FirstNs = exchange.FirstNs + byNs,
        RequestStartNs = exchange.RequestStartNs + byNs,
        RequestEndNs = exchange.RequestEndNs + byNs,
        ResponseStartNs = exchange.ResponseStartNs + byNs,
        ResponseEndNs = exchange.ResponseEndNs + byNs,
        AckedNs = exchange.AckedNs + byNs,
        ClosedNs = exchange.ClosedNs + byNs,
        FinReceivedNs = exchange.FinReceivedNs + byNs,
        ResetReceivedNs = exchange.ResetReceivedNs + byNs,
        ResetSentNs = exchange.ResetSentNs + byNs,
        LastNs = exchange.LastNs + byNs,
    };

    /// <inheritdoc cref="Shifted(Exchange, long)"/>
    internal static TimedRecord Shifted(this TimedRecord record, long byNs) => record with { StartNs = record.StartNs + byNs };

    /// <inheritdoc cref="Shifted(Exchange, long)"/>
    internal static RequestWindow Shifted(this RequestWindow window, long byNs) => window with
    {
        ClientRecord = window.ClientRecord?.Shifted(byNs),
        ServerRecord = window.ServerRecord?.Shifted(byNs),
        ClientExchange = window.ClientExchange?.Shifted(byNs),
        ServerExchange = window.ServerExchange?.Shifted(byNs),
    };

    /// <inheritdoc cref="Shifted(Exchange, long)"/>
    internal static Coverage Shifted(this Coverage coverage, long byNs) => coverage with
    {
        StartNs = Moved(coverage.StartNs, byNs),
        EndNs = Moved(coverage.EndNs, byNs),
        Losses = [.. coverage.Losses.Select(loss => loss with { StartNs = loss.StartNs + byNs, EndNs = loss.EndNs + byNs })],
        Missing = coverage.Missing.ToImmutableSortedDictionary(pair => pair.Key, pair => pair.Value + byNs),
    };

    /// <summary>A bound that there is none of stays so.</summary>
    private static long Moved(long ns, long byNs) => ns == long.MaxValue ? ns : ns + byNs;
}
