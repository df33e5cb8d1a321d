using System.Globalization;

namespace CrossLayer.Host.Lab.Injection;

/// <summary>What packets a rule is about, in nft's words; put together with spaces.</summary>
internal static class NftMatch
{
    /// <summary>Packets of the client's.</summary>
    public const string FromClient = "ip saddr 10.77.1.2 meta l4proto tcp";

    /// <summary>Packets of the server's.</summary>
    public const string FromServer = "ip saddr 10.77.2.2 meta l4proto tcp";

    /// <summary>The first of a handshake.</summary>
    public const string Syn = "tcp flags & (syn | ack) == syn";

    /// <summary>The second of a handshake.</summary>
    public const string SynAck = "tcp flags & (syn | ack) == (syn | ack)";

    /// <summary>What carries the last bytes of a write.</summary>
    public const string Push = "tcp flags & psh == psh";

    /// <summary>So many of 1,000 packets, by chance.</summary>
    public static string PerMille(int packets) =>
        packets >= 1000 ? "" : string.Create(CultureInfo.InvariantCulture, $"numgen random mod 1000 < {packets}");

    /// <summary>All packets of so many of 100 connections, by the client's port.</summary>
    /// <param name="clientPort">Where that port is: <c>tcp sport</c> or <c>tcp dport</c>.</param>
    public static string Connections(int percent, string clientPort) =>
        percent >= 100 ? "" : string.Create(CultureInfo.InvariantCulture, $"jhash {clientPort} mod 100 seed 0x6c61 < {percent}");
}
