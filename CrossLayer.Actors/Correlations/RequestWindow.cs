using CrossLayer.Actors.Connections;
using CrossLayer.Actors.Requests;

namespace CrossLayer.Actors.Correlations;

/// <summary>Up to four views of one request, gathered until its window closes.</summary>
public sealed record RequestWindow
{
    /// <summary>A window that holds nothing yet.</summary>
    public static RequestWindow Empty { get; } = new();

    /// <summary>What the client's application reported.</summary>
    public TimedRecord? ClientRecord { get; init; }

    /// <summary>What the server's application reported.</summary>
    public TimedRecord? ServerRecord { get; init; }

    /// <summary>What the kernel saw at the client's socket.</summary>
    public Exchange? ClientExchange { get; init; }

    /// <summary>What the kernel saw at the server's socket.</summary>
    public Exchange? ServerExchange { get; init; }

    /// <summary>How the records were matched: the weaker of two.</summary>
    public Match Match { get; init; } = Match.None;

    /// <summary>The client's record, else the server's.</summary>
    public TimedRecord? Record => ClientRecord ?? ServerRecord;

    /// <summary>
    /// A record makes it so; without one, an answered exchange of a connection whose requests are reported. Unanswered bytes
    /// that nobody reports are no request: what was left of an upload, or of a connection that is given up.
    /// </summary>
    public bool IsWorthCorrelating(CloseWindow closing)
    {
        ArgumentNullException.ThrowIfNull(closing);
        return Record is not null || (closing.Reporters != Roles.None
            && (ServerExchange ?? ClientExchange) is { Request.Length: > 0, Response.Length: > 0 });
    }

    /// <summary>Takes in one view.</summary>
    public RequestWindow Add(WindowMessage view) => view switch
    {
        AddExchange { Exchange.IsServer: true } server => this with { ServerExchange = server.Exchange },
        AddExchange client => this with { ClientExchange = client.Exchange },
        AddRecord { Record.Record.Role: RequestRole.Server } server => this with { ServerRecord = server.Record, Match = Weaker(server.Match) },
        AddRecord client => this with { ClientRecord = client.Record, Match = Weaker(client.Match) },
        _ => throw new ArgumentException($"{view} is not a view of a request", nameof(view)),
    };

    /// <summary>One end's views and the other's, of the same request.</summary>
    internal RequestWindow And(RequestWindow other) => new()
    {
        ClientRecord = ClientRecord ?? other.ClientRecord,
        ServerRecord = ServerRecord ?? other.ServerRecord,
        ClientExchange = ClientExchange ?? other.ClientExchange,
        ServerExchange = ServerExchange ?? other.ServerExchange,
        Match = other.Record is null ? Match : Weaker(other.Match),
    };

    private Match Weaker(Match other) => Record is null || other.Confidence < Match.Confidence ? other : Match;
}
