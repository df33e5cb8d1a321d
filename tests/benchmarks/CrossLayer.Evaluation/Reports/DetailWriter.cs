using System.Text.Json;
using CrossLayer.Actors.Connections;
using CrossLayer.Actors.Correlations;
using CrossLayer.Actors.Requests;
using CrossLayer.Evaluation.Records;
using CrossLayer.Evaluation.Scoring;
using CrossLayer.Evaluation.Traffic;

namespace CrossLayer.Evaluation;

/// <summary>Writes the records that are not right, one a line, to look into: what was reported, and what it was matched with.</summary>
internal sealed class DetailWriter : IDisposable
{
    private static readonly JsonSerializerOptions Options = new(JsonReport.Options) { WriteIndented = false };

    private readonly StreamWriter _file;

    /// <param name="file">Replaced if it exists.</param>
    internal DetailWriter(FileInfo file) => _file = new StreamWriter(file.FullName);

    /// <summary>Takes the records of one run; one at a time.</summary>
    internal Action<Outcome, RequestFacts, RequestRecord, Correlation> For(Workload workload, Variant variant) =>
        (outcome, truth, record, correlation) => _file.WriteLine(JsonSerializer.Serialize(new
        {
            Workload = workload.Name,
            Variant = Names.Of(variant),
            Outcome = outcome.ToString(),
            Request = record.RequestId.Text,
            Role = record.Role.ToString(),
            Local = record.Local.ToString(),
            Peer = record.Peer.ToString(),
            record.StartUnixNs,
            record.LatencyMs,
            TrueCookies = $"{truth.ClientCookie}, {truth.ServerCookie}",
            TrueRequest = Describe(truth.Request),
            TrueResponse = Describe(truth.Response),
            Method = Names.Of(correlation.Match.Method),
            correlation.Match.Candidates,
            correlation.Match.Confidence,
            ClientExchange = Describe(correlation.ClientExchange),
            ServerExchange = Describe(correlation.ServerExchange),
        }, Options));

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private static object? Describe(Exchange? exchange) => exchange is null ? null : new
    {
        exchange.SocketCookie,
        exchange.Ordinal,
        Request = Describe(exchange.Request),
        Response = Describe(exchange.Response),
        exchange.FirstNs,
        exchange.LastNs,
        exchange.EventCount,
        exchange.ClosedNs,
    };

    private static string Describe(ByteRange range) => $"{range.Start}-{range.End}";
}
