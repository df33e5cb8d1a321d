namespace CrossLayer.Actors.Recording;

/// <summary>How a recording's rows are found in the journal.</summary>
internal static class RecordingTags
{
    /// <summary>All rows of recordings have it.</summary>
    public const string Recording = "recording";

    /// <summary>The heads of parts and the ends of sessions have it too.</summary>
    public const string Marks = "recording-mark";

    /// <summary>The tags of a row that is neither.</summary>
    public static readonly string[] Row = [Recording];

    /// <summary>The tags of a head or an end.</summary>
    public static readonly string[] Mark = [Recording, Marks];
}
