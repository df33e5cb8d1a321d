using System.Collections.Frozen;
using CrossLayer.Actors.Correlations;
using CrossLayer.Actors.Hosts;
using CrossLayer.Probe;

namespace CrossLayer.Actors.Cluster;

/// <summary>Which member has which address. The whole is replaced at once, so that any thread may ask.</summary>
internal sealed class OtherHosts : IOtherHosts
{
    private FrozenDictionary<NetworkAddress, string> _hosts = FrozenDictionary<NetworkAddress, string>.Empty;
    private FrozenSet<string> _members = FrozenSet<string>.Empty;

    /// <summary>Addresses that more than one member has, such as those of bridges that each makes for itself: they tell nothing.</summary>
    public IReadOnlyList<NetworkAddress> Claimed { get; private set; } = [];

    /// <summary>How many addresses are known to be of other members.</summary>
    public int Count => Volatile.Read(ref _hosts).Count;

    /// <summary>Takes what each member says of itself.</summary>
    /// <param name="own">This host's run.</param>
    /// <param name="members">Every member's addresses, this one's too.</param>
    public void Set(string own, IReadOnlyDictionary<string, IReadOnlyList<NetworkAddress>> members)
    {
        var claims = members.SelectMany(member => member.Value.Distinct().Select(address => (Address: address, Host: member.Key)))
            .GroupBy(claim => claim.Address, claim => claim.Host).ToList();
        Claimed = [.. claims.Where(claim => claim.Count() > 1).Select(claim => claim.Key).Order()];
        Volatile.Write(ref _hosts, claims.Where(claim => claim.Count() == 1 && claim.First() != own)
            .ToFrozenDictionary(claim => claim.Key, claim => claim.First()));
        Volatile.Write(ref _members, members.Keys.ToFrozenSet());
    }

    /// <summary>A host's run is a member of the cluster, whether it can be reached now or not.</summary>
    public bool IsMember(string host) => Volatile.Read(ref _members).Contains(host);

    /// <inheritdoc/>
    public string? PeerOf(RequestWindow window)
    {
        ArgumentNullException.ThrowIfNull(window);
        if (window is { ClientExchange: not null, ServerExchange: not null } or { ClientRecord: not null, ServerRecord: not null })
            return null;
        var peer = (window.ClientExchange ?? window.ServerExchange)?.Peer ?? window.Record?.Record.Peer;
        return peer is { } end && Volatile.Read(ref _hosts).TryGetValue(end.Address, out var host) ? host : null;
    }
}
