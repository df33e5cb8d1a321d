namespace CrossLayer.Actors.Journal;

/// <summary>Stored bytes cannot be read by this version of the program; the message names what it does not know.</summary>
public sealed class JournalFormatException : Exception
{
    /// <inheritdoc cref="JournalFormatException"/>
    public JournalFormatException(string message)
        : base(message)
    {
    }

    /// <inheritdoc cref="JournalFormatException"/>
    public JournalFormatException(string message, Exception inner)
        : base(message, inner)
    {
    }

    internal static JournalFormatException UnknownNumber(string name, int value) =>
        new($"{name} {value} is not known to this version: the event was written by a newer one, or is damaged.");

    internal static JournalFormatException Missing(string field) =>
        new($"{field} is missing: the event is damaged.");
}
