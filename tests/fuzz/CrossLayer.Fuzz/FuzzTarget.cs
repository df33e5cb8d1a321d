namespace CrossLayer.Fuzz;

/// <summary>Decodes an input.</summary>
/// <returns>Null where it is accepted; else why it is not, in words.</returns>
internal delegate string? Decode(byte[] input);

/// <summary>A decoder of what others write.</summary>
/// <param name="Name">Its name on the command line.</param>
/// <param name="Decode">Decodes.</param>
/// <param name="Refuses">True for the exceptions by which it is documented to refuse an input.</param>
/// <param name="Seeds">Inputs that others are made of; most are valid.</param>
/// <param name="Tokens">Words that mean something to it.</param>
internal sealed record FuzzTarget(
    string Name, Decode Decode, Func<Exception, bool> Refuses, IReadOnlyList<byte[]> Seeds, params string[] Tokens)
{
    /// <summary>The most bytes that one input may make it allocate.</summary>
    public long MostAllocated { get; init; } = 64 << 20;

    /// <summary>Decodes an input.</summary>
    /// <returns>Null where it is accepted; else why it is not.</returns>
    /// <exception cref="Exception">Any that is not one of its refusals.</exception>
    public string? Try(byte[] input)
    {
        try
        {
            return Decode(input);
        }
        catch (Exception exception) when (Refuses(exception))
        {
            return $"{exception.GetType().Name}: {exception.Message}";
        }
    }
}
