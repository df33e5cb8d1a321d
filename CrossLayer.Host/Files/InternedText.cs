namespace CrossLayer.Host.Files;

/// <summary>Gives one string for each text, however often it is read. Bounded: what finds no room is a string of its own each time.</summary>
/// <param name="most">Texts that are remembered at most.</param>
internal sealed class InternedText(int most)
{
    private readonly Lock _lock = new();
    private readonly HashSet<string> _texts = new(StringComparer.Ordinal);

    /// <summary>The string; allocates only where the text is new.</summary>
    public string Of(ReadOnlySpan<char> text)
    {
        lock (_lock)
        {
            if (_texts.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(text, out var known))
                return known;
            var added = text.ToString();
            if (_texts.Count < most)
                _texts.Add(added);
            return added;
        }
    }
}
