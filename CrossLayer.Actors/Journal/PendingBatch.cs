using Akka.Actor;
using Akka.Persistence.Journal;

namespace CrossLayer.Actors.Journal;

/// <summary>Events that wait until they are on the disk, and who is to be told.</summary>
internal sealed record PendingBatch(IReadOnlyList<Tagged> Events, IActorRef Asker)
{
    /// <summary>How the events will stand in the journal.</summary>
    public IReadOnlyList<StoredBytes> Serialize(ActorSystem system) => [.. Events.Select(tagged =>
    {
        var serializer = (Akka.Serialization.SerializerWithStringManifest)system.Serialization.FindSerializerFor(tagged.Payload);
        return new StoredBytes(serializer.Manifest(tagged.Payload), serializer.ToBinary(tagged.Payload));
    })];
}

/// <summary>An event's manifest and bytes.</summary>
internal readonly record struct StoredBytes(string Manifest, byte[] Bytes);
