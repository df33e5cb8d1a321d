using System.Net.NetworkInformation;
using System.Net.Sockets;
using Akka.Actor;
using Akka.Cluster;
using Akka.Cluster.Sharding;
using Akka.DistributedData;
using Akka.Event;
using CrossLayer.Probe;

namespace CrossLayer.Actors.Cluster;

/// <summary>Tells the other members which addresses this host has, and knows theirs.</summary>
internal sealed class HostDirectoryActor : ReceiveActor, IWithTimers
{
    private static readonly LWWDictionaryKey<string, string> Key = new("crosslayer-addresses");
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly Akka.Cluster.Cluster _cluster = Akka.Cluster.Cluster.Get(Context.System);
    private readonly IActorRef _replicator = DistributedData.Get(Context.System).Replicator;
    private readonly OtherHosts _others;
    private readonly IActorRef _lanes;
    private readonly Action<IReadOnlyList<ClusterMember>, IReadOnlyList<int>> _publish;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly string _own;
    private IReadOnlyDictionary<string, string> _addresses = new Dictionary<string, string>();
    private IReadOnlyList<int> _ownLanes = [];
    private string _said = "";
    private string _shared = "";

    public HostDirectoryActor(OtherHosts others, IActorRef lanes, Action<IReadOnlyList<ClusterMember>, IReadOnlyList<int>> publish)
    {
        (_others, _lanes, _publish) = (others, lanes, publish);
        _own = HostName.Of(_cluster.SelfUniqueAddress);
        Receive<Changed>(changed =>
        {
            _addresses = changed.Get(Key).Entries;
            Apply();
        });
        Receive<ClusterEvent.MemberRemoved>(removed => Forget(HostName.Of(removed.Member.UniqueAddress)));
        Receive<ClusterEvent.IClusterDomainEvent>(_ => Apply());
        Receive<CurrentShardRegionState>(state =>
            _ownLanes = [.. state.Shards.SelectMany(shard => shard.EntityIds).Select(id => int.TryParse(id, out var lane) ? lane : -1).Order()]);
        Receive<Tick>(_ => Work());
        Receive<IUpdateResponse>(_ => { });
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(OtherHosts others, IActorRef lanes, Action<IReadOnlyList<ClusterMember>, IReadOnlyList<int>> publish) =>
        Akka.Actor.Props.Create(() => new HostDirectoryActor(others, lanes, publish));

    protected override void PreStart()
    {
        _replicator.Tell(Dsl.Subscribe(Key, Self));
        _cluster.Subscribe(Self, ClusterEvent.SubscriptionInitialStateMode.InitialStateAsEvents, typeof(ClusterEvent.IMemberEvent), typeof(ClusterEvent.IReachabilityEvent));
        Timers.StartPeriodicTimer(nameof(Tick), Tick.Instance, Interval, Interval);
    }

    protected override void PostStop() => _cluster.Unsubscribe(Self);

    private void Work()
    {
        // Devices come and go; a host that joined without an address may have one now.
        var text = string.Join(',', OwnAddresses());
        if (text != _said || !_addresses.ContainsKey(_own))
        {
            _said = text;
            _replicator.Tell(Dsl.Update(Key, LWWDictionary<string, string>.Empty, WriteLocal.Instance, known => known.SetItem(_cluster, _own, text)));
        }

        _lanes.Tell(GetShardRegionState.Instance);
        Apply();
    }

    private void Forget(string host)
    {
        _replicator.Tell(Dsl.Update(Key, LWWDictionary<string, string>.Empty, WriteLocal.Instance, known => known.Remove(_cluster, host)));
        Apply();
    }

    /// <summary>Only who is a member counts: of one that has gone, its requests are seen from their other end alone.</summary>
    private void Apply()
    {
        var unreachable = _cluster.State.Unreachable.Select(member => member.UniqueAddress).ToHashSet();
        var members = _cluster.State.Members.Where(member => member.Status is not (MemberStatus.Removed or MemberStatus.Down)).ToList();
        var addresses = members.ToDictionary(member => HostName.Of(member.UniqueAddress),
            member => (IReadOnlyList<NetworkAddress>)[.. AddressesOf(_addresses.GetValueOrDefault(HostName.Of(member.UniqueAddress)))]);
        _others.Set(_own, addresses);
        var shared = string.Join(", ", _others.Claimed);
        if (shared != _shared)
        {
            _shared = shared;
            if (shared.Length > 0)
                _log.Warning("more than one host has {0}: connections to and from there are not brought together", shared);
        }

        _publish(
            [.. members.Select(member => new ClusterMember(
                HostName.Of(member.UniqueAddress), member.Status.ToString().ToLowerInvariant(), !unreachable.Contains(member.UniqueAddress),
                [.. addresses[HostName.Of(member.UniqueAddress)].Select(address => address.ToString())]))],
            _ownLanes);
    }

    private static IEnumerable<NetworkAddress> AddressesOf(string? text) => (text ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries)
        .Select(one => System.Net.IPAddress.TryParse(one, out var address) ? NetworkAddress.From(address) : default).Where(address => !address.IsUnspecified);

    /// <summary>Those by which others can reach this host: not loopback, and none that means something else on every link.</summary>
    private static IEnumerable<string> OwnAddresses() => NetworkInterface.GetAllNetworkInterfaces()
        .SelectMany(device => device.GetIPProperties().UnicastAddresses).Select(unicast => unicast.Address)
        .Where(address => !System.Net.IPAddress.IsLoopback(address) && !address.IsIPv6LinkLocal
            && !(address.AddressFamily == AddressFamily.InterNetwork && address.GetAddressBytes() is [169, 254, ..]))
        .Select(address => NetworkAddress.From(address).ToString()).Distinct().Order(StringComparer.Ordinal);

    private sealed record Tick : INoSerializationVerificationNeeded
    {
        internal static Tick Instance { get; } = new();
    }
}
