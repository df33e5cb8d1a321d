namespace CrossLayer.Probe;

/// <summary>The probe failed; the message is one line and names the thing, the value and the way out.</summary>
public class ProbeException : Exception
{
    /// <inheritdoc cref="ProbeException"/>
    public ProbeException(string message) : base(message)
    {
    }

    /// <inheritdoc cref="ProbeException"/>
    public ProbeException(string message, Exception inner) : base(message, inner)
    {
    }
}

/// <summary>Kernel evidence is not to be had here: a privilege or a kernel feature is missing. Maps to exit code 3.</summary>
public sealed class ProbeUnavailableException : ProbeException
{
    /// <inheritdoc cref="ProbeUnavailableException"/>
    public ProbeUnavailableException(string message, IReadOnlyList<string>? libbpfLog = null) : base(message) =>
        LibbpfLog = libbpfLog ?? [];

    /// <summary>What libbpf printed, line by line; empty where it was not asked.</summary>
    public IReadOnlyList<string> LibbpfLog { get; }
}
