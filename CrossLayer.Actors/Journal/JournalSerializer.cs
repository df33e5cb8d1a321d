using Akka.Actor;
using Akka.Serialization;
using CrossLayer.Actors.Journal.Mapping;
using Google.Protobuf;

namespace CrossLayer.Actors.Journal;

/// <summary>
/// Writes the journal's events as protobuf (journal.proto) under a short manifest with a version. A manifest that it
/// does not know is refused by name; nothing is read by guess.
/// </summary>
/// <param name="system">The system that the serializer belongs to.</param>
public sealed class JournalSerializer(ExtendedActorSystem system) : SerializerWithStringManifest(system)
{
    /// <summary>The manifest of <see cref="DiscrepancyFound"/>, first version.</summary>
    public const string DiscrepancyFoundManifest = "D1";

    /// <summary>The manifest of <see cref="IntervalSummary"/>, first version.</summary>
    public const string IntervalSummaryManifest = "S1";

    /// <summary>Stored beside every event: never to be changed.</summary>
    internal const int Id = 25203;

    /// <inheritdoc/>
    public override int Identifier => Id;

    /// <inheritdoc/>
    /// <exception cref="ArgumentException"><paramref name="o"/> is not an event of the journal.</exception>
    public override string Manifest(object o) => o switch
    {
        DiscrepancyFound => DiscrepancyFoundManifest,
        IntervalSummary => IntervalSummaryManifest,
        _ => throw NotAnEvent(o),
    };

    /// <inheritdoc/>
    /// <exception cref="ArgumentException"><paramref name="obj"/> is not an event of the journal.</exception>
    public override byte[] ToBinary(object obj) => obj switch
    {
        DiscrepancyFound found => found.ToWire().ToByteArray(),
        IntervalSummary summary => summary.ToWire().ToByteArray(),
        _ => throw NotAnEvent(obj),
    };

    /// <inheritdoc/>
    /// <exception cref="JournalFormatException">The manifest, or something in the bytes, is not known.</exception>
    public override object FromBinary(byte[] bytes, string manifest) => Read(bytes, manifest);

    /// <summary>The event in these bytes.</summary>
    /// <exception cref="JournalFormatException">The manifest, or something in the bytes, is not known.</exception>
    internal static object Read(byte[] bytes, string manifest)
    {
        try
        {
            return manifest switch
            {
                DiscrepancyFoundManifest => Wire.DiscrepancyFound.Parser.ParseFrom(bytes).FromWire(),
                IntervalSummaryManifest => Wire.IntervalSummary.Parser.ParseFrom(bytes).FromWire(),
                _ => throw new JournalFormatException(
                    $"An event with manifest '{manifest}' cannot be read: this version knows '{DiscrepancyFoundManifest}' and '{IntervalSummaryManifest}'. "
                    + "Read the journal with the version that wrote it, or a newer one."),
            };
        }
        catch (InvalidProtocolBufferException damage)
        {
            throw new JournalFormatException($"An event with manifest '{manifest}' is damaged: {damage.Message}", damage);
        }
    }

    private static ArgumentException NotAnEvent(object value) =>
        new($"{value?.GetType().FullName ?? "null"} is not an event of the journal; it takes {nameof(DiscrepancyFound)} and {nameof(IntervalSummary)}.");
}
