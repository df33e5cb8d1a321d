namespace CrossLayer.Host.Files;

/// <summary>A field of a record cannot be used. The reader of the file adds which file and line.</summary>
/// <param name="message">What was found, and what was expected.</param>
/// <param name="offset">Where, in bytes from the record's start.</param>
internal sealed class FieldException(string message, long offset) : Exception(message)
{
    /// <summary>Where, in bytes from the record's start.</summary>
    public long Offset { get; } = offset;
}
