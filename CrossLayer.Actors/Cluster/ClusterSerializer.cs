using Akka.Actor;
using Akka.Serialization;
using CrossLayer.Actors.Journal;
using Google.Protobuf;

namespace CrossLayer.Actors.Cluster;

/// <summary>Writes what hosts tell each other as protobuf (cluster.proto) under short manifests. One that it does not know is refused by name.</summary>
/// <param name="system">The system that the serializer belongs to.</param>
public sealed class ClusterSerializer(ExtendedActorSystem system) : SerializerWithStringManifest(system)
{
    /// <summary>The same in every member: never to be changed.</summary>
    internal const int Id = 25205;

    private const string Halves = "CH1", Settled = "CS1", Joined = "CJ1", Taken = "CT1", Ask = "CA1", Answer = "CP1", Roll = "CR1";

    /// <inheritdoc/>
    public override int Identifier => Id;

    /// <inheritdoc/>
    public override string Manifest(object o) => o switch
    {
        HalfBatch => Halves,
        HalvesSettled => Settled,
        JoinedBatch => Joined,
        JoinedTaken => Taken,
        AskPeer => Ask,
        PeerAnswer => Answer,
        RollCall => Roll,
        _ => throw NotAMessage(o),
    };

    /// <inheritdoc/>
    public override byte[] ToBinary(object obj) => obj switch
    {
        HalfBatch batch => batch.ToWire().ToByteArray(),
        HalvesSettled settled => settled.ToWire().ToByteArray(),
        JoinedBatch batch => batch.ToWire().ToByteArray(),
        JoinedTaken taken => taken.ToWire().ToByteArray(),
        AskPeer ask => ask.ToWire().ToByteArray(),
        PeerAnswer answer => answer.ToWire().ToByteArray(),
        RollCall roll => new Wire.RollCall { Members = { roll.Members } }.ToByteArray(),
        _ => throw NotAMessage(obj),
    };

    /// <inheritdoc/>
    /// <exception cref="JournalFormatException">The manifest, or something in the bytes, is not known.</exception>
    public override object FromBinary(byte[] bytes, string manifest)
    {
        try
        {
            return manifest switch
            {
                Halves => Wire.HalfBatch.Parser.ParseFrom(bytes).FromWire(),
                Settled => Wire.HalvesSettled.Parser.ParseFrom(bytes).FromWire(),
                Joined => Wire.JoinedBatch.Parser.ParseFrom(bytes).FromWire(),
                Taken => Wire.JoinedTaken.Parser.ParseFrom(bytes).FromWire(),
                Ask => Wire.AskPeer.Parser.ParseFrom(bytes).FromWire(),
                Answer => Wire.PeerAnswer.Parser.ParseFrom(bytes).FromWire(),
                Roll => new RollCall([.. Wire.RollCall.Parser.ParseFrom(bytes).Members]),
                _ => throw new JournalFormatException($"A message between hosts with manifest '{manifest}' cannot be read by this version: bring all members to one version."),
            };
        }
        catch (InvalidProtocolBufferException damage)
        {
            throw new JournalFormatException($"A message between hosts with manifest '{manifest}' is damaged: {damage.Message}", damage);
        }
    }

    private static ArgumentException NotAMessage(object value) => new($"{value?.GetType().FullName ?? "null"} is not a message between hosts.");
}
