using System.Runtime.InteropServices;
using CrossLayer.Probe;
using Google.Protobuf;

namespace CrossLayer.Actors.Journal.Mapping;

/// <summary>An endpoint to and from its stored form: 16 address bytes and the port.</summary>
internal static class EndpointMapping
{
    public static Wire.Endpoint ToWire(this Endpoint endpoint)
    {
        var address = endpoint.Address;
        return new Wire.Endpoint
        {
            Address = ByteString.CopyFrom(MemoryMarshal.AsBytes(new ReadOnlySpan<NetworkAddress>(in address))),
            Port = endpoint.Port,
        };
    }

    public static Endpoint FromWire(this Wire.Endpoint wire)
    {
        if (wire.Address.Length != 16)
            throw new JournalFormatException($"An address has 16 bytes, not {wire.Address.Length}: the event is damaged.");
        if (wire.Port > ushort.MaxValue)
            throw new JournalFormatException($"Port {wire.Port} does not exist: the event is damaged.");
        return new Endpoint(new NetworkAddress(wire.Address.Span), (ushort)wire.Port);
    }
}
