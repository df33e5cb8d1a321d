namespace CrossLayer.Actors.Journal;

/// <summary>The journal cannot be opened, or could not take what was to be written. One line: what, where, what to do.</summary>
public sealed class JournalUnavailableException : Exception
{
    /// <inheritdoc cref="JournalUnavailableException"/>
    public JournalUnavailableException(string message)
        : base(message)
    {
    }

    /// <inheritdoc cref="JournalUnavailableException"/>
    public JournalUnavailableException(string message, Exception? inner)
        : base(message, inner)
    {
    }
}
