namespace CrossLayer.Actors.Recording;

/// <summary>A row of a recording that cannot be read by this version.</summary>
/// <param name="What">What it is, in words.</param>
/// <param name="Bytes">Its size.</param>
internal sealed record UnreadableRow(string What, int Bytes);
