using System.Text.Json;
using System.Text.Json.Serialization;
using CrossLayer.Actors.Connections;
using CrossLayer.Actors.Correlations;
using CrossLayer.Host.Files;

namespace CrossLayer.Tests.Shapes;

/// <summary>What a correlation has to say, in one line: the parts that are facts about the traffic and not about the clock.</summary>
/// <param name="RequestId">The application's name for the request, or one made from its connection.</param>
/// <param name="Verdict">As in correlation files.</param>
/// <param name="Cause">As in correlation files; null for none.</param>
/// <param name="Match">The match method, as in correlation files.</param>
/// <param name="Shared">The evidence is that of several requests.</param>
/// <param name="Client">The exchange at the client's socket.</param>
/// <param name="Server">The exchange at the server's socket.</param>
internal sealed record ExpectedCorrelation(
    string RequestId, string Verdict, string? Cause, string Match, bool Shared, ExpectedExchange? Client, ExpectedExchange? Server)
{
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>The facts of a correlation.</summary>
    internal static ExpectedCorrelation Of(Correlation correlation) => new(
        correlation.RequestId.Text,
        CorrelationNames.Verdicts[correlation.Finding.Verdict].Value,
        correlation.Finding.Cause is { } cause ? CorrelationNames.Causes[cause].Value : null,
        CorrelationNames.MatchMethods[correlation.Match.Method].Value,
        (correlation.ServerExchange ?? correlation.ClientExchange)?.Shared == true,
        ExpectedExchange.Of(correlation.ClientExchange),
        ExpectedExchange.Of(correlation.ServerExchange));

    /// <summary>One line of JSON.</summary>
    internal string ToLine() => JsonSerializer.Serialize(this, Json);

    /// <summary>From one line of JSON, or an element of a file.</summary>
    internal static ExpectedCorrelation From(JsonElement json) => json.Deserialize<ExpectedCorrelation>(Json)!;
}

/// <summary>The bytes of an exchange in both streams: first, and the one after the last.</summary>
internal sealed record ExpectedExchange(int Ordinal, string Request, string Response)
{
    /// <summary>The facts of an exchange.</summary>
    internal static ExpectedExchange? Of(Exchange? exchange) => exchange is null ? null
        : new ExpectedExchange(exchange.Ordinal, Text(exchange.Request), Text(exchange.Response));

    private static string Text(ByteRange range) => $"{range.Start}..{range.End}";
}
