using CrossLayer.Actors.Connections;
using CrossLayer.Actors.Correlations;
using CrossLayer.Evaluation.Traffic;

namespace CrossLayer.Evaluation.Scoring;

/// <summary>What became of one record.</summary>
internal enum Outcome
{
    /// <summary>It stands with its own exchange, at each socket that the correlation shows.</summary>
    Right,

    /// <summary>It stands with another exchange, or with other bytes than its own.</summary>
    Wrong,

    /// <summary>Several exchanges fitted, and none was taken.</summary>
    Ambiguous,

    /// <summary>No exchange fitted.</summary>
    None,
}

/// <summary>Holds correlations against what the requests were. Pure.</summary>
internal static class Truth
{
    /// <summary>What a correlation says of a record that it holds.</summary>
    internal static Outcome Score(Correlation correlation, RequestFacts request)
    {
        if (correlation is { ClientExchange: null, ServerExchange: null })
            return correlation.Match.Candidates > 1 ? Outcome.Ambiguous : Outcome.None;
        return IsOf(correlation.ClientExchange, request, request.ClientCookie) && IsOf(correlation.ServerExchange, request, request.ServerCookie)
            ? Outcome.Right
            : Outcome.Wrong;
    }

    /// <summary>
    /// True where the exchanges begin with the request's own first byte: a wrong outcome is then one of bytes that were
    /// cut off or added, not of another request's exchange.
    /// </summary>
    internal static bool BeginsRight(Correlation correlation, RequestFacts request) =>
        BeginsAs(correlation.ClientExchange, request, request.ClientCookie) && BeginsAs(correlation.ServerExchange, request, request.ServerCookie);

    private static bool IsOf(Exchange? exchange, RequestFacts request, ulong cookie) => exchange is null
        || (IsOn(exchange, request, cookie) && exchange.Request == request.Request && exchange.Response == request.Response);

    private static bool BeginsAs(Exchange? exchange, RequestFacts request, ulong cookie) => exchange is null
        || (IsOn(exchange, request, cookie) && exchange.Request.Start == request.Request.Start);

    private static bool IsOn(Exchange exchange, RequestFacts request, ulong cookie) =>
        exchange.SocketCookie == cookie && exchange.Connection == ConnectionKey.Of(request.Client, request.Server);
}
