namespace CrossLayer.Host.Files;

/// <summary>The names of fields that a file holds and this program does not know; at most <see cref="Limit"/>.</summary>
internal sealed class UnknownFields
{
    /// <summary>Names kept; further ones are only known to exist.</summary>
    public const int Limit = 32;

    private readonly HashSet<string> _names = [];
    private readonly HashSet<string>.AlternateLookup<ReadOnlySpan<char>> _lookup;

    /// <summary>None yet.</summary>
    public UnknownFields() => _lookup = _names.GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>The names, in ordinal order.</summary>
    public IReadOnlyList<string> Names => [.. _names.Order(StringComparer.Ordinal)];

    /// <summary>True where names were left out because of the limit.</summary>
    public bool HasMore { get; private set; }

    /// <summary>Notes a name.</summary>
    public void Add(ReadOnlySpan<char> name)
    {
        if (_lookup.Contains(name))
            return;
        if (_names.Count < Limit)
            _lookup.Add(name);
        else
            HasMore = true;
    }

    /// <summary>The names in one line.</summary>
    public override string ToString() => string.Join(", ", Names) + (HasMore ? ", …" : "");
}
