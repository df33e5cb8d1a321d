namespace CrossLayer.Host.Ingest;

/// <summary>Why what came to a source became no record.</summary>
internal enum Rejection
{
    /// <summary>It cannot be read, or a field cannot be used.</summary>
    Malformed,

    /// <summary>It is larger than a source takes.</summary>
    TooLarge,

    /// <summary>Its sender did not prove who it is.</summary>
    Unauthorized,

    /// <summary>Its sender sends more than one sender may.</summary>
    RateLimited,

    /// <summary>Its sender took too long.</summary>
    TooSlow,

    /// <summary>There are as many senders as a source takes.</summary>
    TooManySenders,

    /// <summary>It is readable, but tells of nothing that is a request over a connection, such as a span of a function.</summary>
    NoRequest,

    /// <summary>The pipeline had no room. A sender that was told so may send it again; it is counted each time.</summary>
    PipelineFull,
}
