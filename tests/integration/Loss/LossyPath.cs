using System.Globalization;
using System.Net.Sockets;
using CrossLayer.Host.Lab;
using CrossLayer.Host.Lab.Injection;

namespace CrossLayer.Integration.Tests.Loss;

/// <summary>
/// A lab in whose router chosen packets are lost, so many and no more, until it is disposed of: what a host drops of its own
/// output is no loss to its TCP.
/// </summary>
internal sealed class LossyPath : IAsyncDisposable
{
    /// <summary>Packets of the server's.</summary>
    internal const string FromServer = NftMatch.FromServer;

    /// <summary>Packets of the client's.</summary>
    internal const string FromClient = NftMatch.FromClient;

    /// <summary>Of those: what carries the last bytes of a write.</summary>
    internal const string Data = " " + NftMatch.Push;

    /// <summary>Of those: what does nothing but acknowledge.</summary>
    internal const string PureAck = " tcp flags == ack";

    /// <summary>Of those: the first of a handshake.</summary>
    internal const string Syn = " " + NftMatch.Syn;

    /// <summary>Of those: the second of a handshake.</summary>
    internal const string SynAck = " " + NftMatch.SynAck;

    private const string Chain = "ip loss forward";

    private readonly LabNetwork _network;

    private LossyPath(LabNetwork network) => _network = network;

    /// <exception cref="LabException">There can be none here.</exception>
    internal static async Task<LossyPath> CreateAsync()
    {
        var path = new LossyPath(await LabNetwork.CreateAsync());
        try
        {
            path.Nft("add table ip loss");
            path.Nft($"add chain {Chain} {{ type filter hook forward priority 0 ; }}");
            return path;
        }
        catch
        {
            await path.DisposeAsync();
            throw;
        }
    }

    /// <summary>A socket on the client's host.</summary>
    internal Socket NewClientSocket(Func<Socket> make) => _network.Client.RunIn(make);

    /// <summary>A socket on the server's host.</summary>
    internal Socket NewServerSocket(Func<Socket> make) => _network.Server.RunIn(make);

    /// <summary>From now on, the first packets that match are lost.</summary>
    internal void Lose(string match, int count) =>
        Nft(string.Create(CultureInfo.InvariantCulture, $"add rule {Chain} {match} numgen inc mod 65536 < {count} drop"));

    /// <summary>From now on, all packets that match are lost.</summary>
    internal void LoseAll(string match) => Nft($"add rule {Chain} {match} drop");

    /// <summary>Nothing is lost any more.</summary>
    internal void Heal() => Nft($"flush chain {Chain}");

    public ValueTask DisposeAsync() => _network.DisposeAsync();

    /// <summary>Called from a script, which is a thread's and waits for each of its steps; it takes as long as a busy machine likes, so never within a request's own time.</summary>
    private void Nft(string command) => Task.Run(() => _network.Router.ExecAsync("nft", [command])).GetAwaiter().GetResult();
}
