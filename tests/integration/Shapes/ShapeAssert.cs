using CrossLayer.Actors.Connections;
using CrossLayer.Actors.Correlations;
using CrossLayer.Actors.Requests;
using CrossLayer.Tests.Shapes;

namespace CrossLayer.Integration.Tests.Shapes;

/// <summary>What correlations have to say of a script's requests.</summary>
internal static class ShapeAssert
{
    /// <summary>The requests got their records and their own bytes, nothing is wrong with them, and there is nothing else.</summary>
    internal static void AllHealthy(IReadOnlyList<Correlation> correlations, Reporters reporters, IReadOnlyList<ScriptedRequest> requests)
    {
        foreach (var request in requests)
            Healthy(correlations, reporters, request);
        Assert.Equal(requests.Count, correlations.Count);
    }

    /// <summary>The request got its records and its own bytes, and nothing is wrong with it.</summary>
    internal static void Healthy(IReadOnlyList<Correlation> correlations, Reporters reporters, ScriptedRequest request)
    {
        var correlation = Matched(correlations, reporters, request);
        Assert.Equal((request.Id, Verdict.Healthy, null), (request.Id, correlation.Finding.Verdict, correlation.Finding.Cause));
        HasItsBytes(correlation, request);
    }

    /// <summary>The request got its records and an exchange of its connection.</summary>
    internal static Correlation Matched(IReadOnlyList<Correlation> correlations, Reporters reporters, ScriptedRequest request)
    {
        var correlation = Assert.Single(correlations, c => c.RequestId == request.Id);
        Assert.Equal(reporters.Include(RequestRole.Client), correlation.ClientRecord is not null);
        Assert.Equal(reporters.Include(RequestRole.Server), correlation.ServerRecord is not null);
        Assert.NotEqual(MatchMethod.None, correlation.Match.Method);
        Assert.Equal(request.Connection.ClientCookie, correlation.ClientExchange?.SocketCookie);
        Assert.Equal(request.Connection.ServerCookie, correlation.ServerExchange?.SocketCookie);
        return correlation;
    }

    /// <summary>The exchange at either end is made of the bytes that the script moved there for the request.</summary>
    internal static void HasItsBytes(Correlation correlation, ScriptedRequest request)
    {
        HasBytes(request.Client, correlation.ClientExchange!, request.Ordinal);
        HasBytes(request.Server, correlation.ServerExchange!, request.Ordinal);
    }

    private static void HasBytes(RequestView expected, Exchange exchange, int ordinal)
    {
        Assert.Equal((exchange.IsServer, expected.Request), (exchange.IsServer, exchange.Request));
        Assert.Equal((exchange.IsServer, expected.Response.Length), (exchange.IsServer, exchange.Response.Length));
        if (expected.Response.Length > 0)
            Assert.Equal((exchange.IsServer, expected.Response), (exchange.IsServer, exchange.Response));
        Assert.Equal(ordinal, exchange.Ordinal);
    }
}
