namespace CrossLayer.Evaluation.Traffic;

/// <summary>What the client does.</summary>
internal sealed record Workload
{
    /// <summary>Its name on the command line and in reports.</summary>
    public required string Name { get; init; }

    /// <summary>Connections in all.</summary>
    public required int Connections { get; init; }

    /// <summary>Requests on each connection, one after the other.</summary>
    public required int RequestsPerConnection { get; init; }

    /// <summary>Connections at one time.</summary>
    public required int Concurrency { get; init; }

    /// <summary>A client waits a random time of up to so long before a request; 0 sends back to back.</summary>
    public int MaxThinkMs { get; init; }

    /// <summary>All requests have one size, and all responses; otherwise each has a pair of sizes of its own.</summary>
    public bool EqualSizes { get; init; }

    /// <summary>The client's ports, shared out among the concurrent connections and used in turn; 0 lets the kernel choose.</summary>
    public int LocalPorts { get; init; }

    /// <summary>The server closes the connection after its response; otherwise the client does after its last request.</summary>
    public bool ServerCloses { get; init; }

    /// <summary>Requests in all.</summary>
    public int Requests => Connections * RequestsPerConnection;

    /// <summary>The workloads at a size; 100,000 is the full one.</summary>
    public static IReadOnlyList<Workload> OfSize(int requests)
    {
        var serial = new Workload
        {
            Name = "serial",
            Connections = 20,
            RequestsPerConnection = Math.Max(1, requests / 200),
            Concurrency = 1,
        };
        var concurrent = new Workload
        {
            Name = "concurrent",
            Connections = 256,
            RequestsPerConnection = Math.Max(1, requests / 1000),
            Concurrency = 256,
            MaxThinkMs = 5,
        };
        var shortLived = new Workload
        {
            Name = "short",
            Connections = requests,
            RequestsPerConnection = 1,
            Concurrency = 4,
            LocalPorts = 16,
            ServerCloses = true,
        };
        return
        [
            serial,
            serial with { Name = "serial-equal", EqualSizes = true },
            concurrent,
            concurrent with { Name = "concurrent-equal", EqualSizes = true },
            shortLived,
        ];
    }
}
