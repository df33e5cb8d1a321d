namespace CrossLayer.Evaluation.Records;

/// <summary>What an application reports of its requests. Endpoints and times are always there.</summary>
/// <param name="Content">What stands in a record besides.</param>
/// <param name="Reporters">Which side reports.</param>
/// <param name="Quality">How exact and how complete the reports are.</param>
internal sealed record Variant(RecordContent Content, Reporters Reporters, RecordQuality Quality = RecordQuality.Measured)
{
    /// <summary>All contents for each side and both at full quality; then each flaw, with the side where it is usual.</summary>
    internal static IReadOnlyList<Variant> Of(IReadOnlyList<RecordContent> contents) =>
    [
        .. from content in contents from reporters in Enum.GetValues<Reporters>() select new Variant(content, reporters),
        .. from content in contents select new Variant(content, Reporters.Server, RecordQuality.Milliseconds),
        .. from content in contents select new Variant(content, Reporters.Client, RecordQuality.Incomplete),
    ];
}

/// <summary>What stands in a record besides endpoints and times.</summary>
internal enum RecordContent
{
    /// <summary>The socket's cookie, and the request's place on the connection.</summary>
    Cookie,

    /// <summary>The socket's cookie.</summary>
    CookieWithoutOrdinal,

    /// <summary>Bytes of request and response.</summary>
    TupleBytes,

    /// <summary>The request's place on the connection.</summary>
    TupleOrder,

    /// <summary>Nothing.</summary>
    TupleTime,
}

/// <summary>Which side of a request reports it.</summary>
internal enum Reporters
{
    /// <summary>The client.</summary>
    Client,

    /// <summary>The server.</summary>
    Server,

    /// <summary>Each of them, under the same request id.</summary>
    Both,
}

/// <summary>How exact and how complete the reports are.</summary>
internal enum RecordQuality
{
    /// <summary>Every request, with the times as the application measured them.</summary>
    Measured,

    /// <summary>Every request, with times in whole milliseconds, as nginx logs them.</summary>
    Milliseconds,

    /// <summary>One request in a hundred is not reported.</summary>
    Incomplete,
}
