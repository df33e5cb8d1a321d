using CrossLayer.Actors.Connections;
using CrossLayer.Actors.Correlations;
using CrossLayer.Actors.Requests;

namespace CrossLayer.Host.Analysis;

/// <summary>
/// Correlations by the request that they are about. One without a record bears a made-up name: it is about the request of the
/// client's record that was on its connection at its time.
/// </summary>
/// <param name="Requests">Each correlation and its request; a request may have several.</param>
/// <param name="LeftOut">Correlations that are about no request that a client reports.</param>
internal sealed record CorrelatedRequests(IReadOnlyList<(RequestId Request, Correlation Correlation)> Requests, int LeftOut)
{
    /// <summary>Attributes correlations to requests.</summary>
    /// <param name="correlations">An episode's.</param>
    /// <param name="clientRecords">What its client reports.</param>
    /// <param name="clock">Its clock.</param>
    /// <param name="tolerance">How far a record's time may be off.</param>
    public static CorrelatedRequests Of(
        IEnumerable<Correlation> correlations, IEnumerable<RequestRecord> clientRecords, EpisodeClock clock, TimeSpan tolerance)
    {
        ArgumentNullException.ThrowIfNull(correlations);
        ArgumentNullException.ThrowIfNull(clock);
        var onConnection = clientRecords.Where(record => record is { Local: not null, Peer: not null, StartUnixNs: not null })
            .ToLookup(record => ConnectionKey.Of(record.Local!.Value, record.Peer!.Value));
        var requests = new List<(RequestId, Correlation)>();
        var leftOut = 0;
        foreach (var correlation in correlations)
        {
            if (correlation is not { ClientRecord: null, ServerRecord: null })
                requests.Add((correlation.RequestId, correlation));
            else if (Find((correlation.ClientExchange ?? correlation.ServerExchange)!) is { } record)
                requests.Add((record.RequestId, correlation));
            else
                leftOut++;
        }

        return new CorrelatedRequests(requests, leftOut);

        RequestRecord? Find(Exchange exchange)
        {
            if (clock.ToUnixNs(exchange.FirstNs) is not { } first || clock.ToUnixNs(exchange.LastNs) is not { } last)
                return null;
            var margin = (long)tolerance.TotalNanoseconds;
            return onConnection[exchange.Connection]
                .Select(record => (Record: record, Common: Math.Min(record.EndUnixNs!.Value, last) - Math.Max(record.StartUnixNs!.Value, first)))
                .Where(candidate => candidate.Common >= -margin)
                .OrderByDescending(candidate => candidate.Common)
                .Select(candidate => candidate.Record)
                .FirstOrDefault();
        }
    }
}
