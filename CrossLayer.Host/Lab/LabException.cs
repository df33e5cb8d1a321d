namespace CrossLayer.Host.Lab;

/// <summary>
/// The lab cannot be had here, or something in it failed. The message is one line: what, where, and what to do or what the
/// tool said.
/// </summary>
internal sealed class LabException : Exception
{
    /// <inheritdoc cref="LabException"/>
    public LabException(string message)
        : base(message)
    {
    }

    /// <inheritdoc cref="LabException"/>
    public LabException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
