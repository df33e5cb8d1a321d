namespace CrossLayer.Host.Ingest.Otlp;

/// <summary>How far a gRPC call has come.</summary>
internal sealed class GrpcCall
{
    /// <summary>Its message is there.</summary>
    public bool IsReceived { get; set; }

    /// <summary>It is refused, and counted.</summary>
    public bool IsCounted { get; set; }
}
