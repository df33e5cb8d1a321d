namespace CrossLayer.Host;

/// <summary>
/// Something the user gave cannot be used: an option, a file, a port. The message is one line that names the thing, the
/// value and what was expected; the program prints it and ends with <see cref="ExitCode.BadInput"/>.
/// </summary>
internal sealed class InputException : Exception
{
    /// <inheritdoc cref="InputException"/>
    public InputException(string message)
        : base(message)
    {
    }

    /// <inheritdoc cref="InputException"/>
    public InputException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
