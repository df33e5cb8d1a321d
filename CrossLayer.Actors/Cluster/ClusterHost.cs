using System.Collections.Immutable;
using System.Net;
using System.Threading.Channels;
using Akka.Actor;
using Akka.Cluster.Sharding;
using CrossLayer.Actors.Correlations;
using CrossLayer.Actors.Hosts;

namespace CrossLayer.Actors.Cluster;

/// <summary>This host's part in a cluster: which requests cross hosts, where their halves go, and what is decided of them for this host to report.</summary>
public sealed class ClusterHost
{
    internal const string LanesName = "crosslayer-lanes";

    private readonly ActorSystem _system;
    private readonly ClusterSettings _settings;
    private readonly OtherHosts _others = new();
    private readonly Channel<IReadOnlyList<Correlation>> _joined;
    private readonly IActorRef _link;
    private readonly TaskCompletionSource<string> _removed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ClusterReading _reading;

    private ClusterHost(ActorSystem system, ClusterSettings settings, CorrelationSettings correlation)
    {
        (_system, _settings) = (system, settings);
        _joined = Channel.CreateUnbounded<IReadOnlyList<Correlation>>(new UnboundedChannelOptions { SingleReader = true });
        var cluster = Akka.Cluster.Cluster.Get(system);
        cluster.RegisterOnMemberRemoved(TakeOut);
        system.ActorOf(QuarantineActor.Props(TakeOut), "quarantine");
        system.ActorOf(RollCallActor.Props(SeedsAsync, () => _removed.TrySetResult("there is another cluster, to which this one yields"), RollCallActor.Interval), RollCallActor.Name);
        var own = HostName.Of(cluster.SelfUniqueAddress);
        _reading = ClusterReading.None with { Own = own };
        var lanes = ClusterSharding.Get(system).Start(LanesName, LaneActor.Props(correlation, settings, _others.IsMember, TimeProvider.System),
            ClusterShardingSettings.Create(system), Extractor(settings.Lanes));
        _link = system.ActorOf(HostLinkActor.Props(settings, correlation, own, lanes, _joined.Writer, (counters, waiting, oldestMs) =>
            Change(reading => reading with { Counters = counters, Waiting = waiting, OldestMs = oldestMs }), TimeProvider.System), HostName.Link);
        system.ActorOf(HostDirectoryActor.Props(_others, lanes, (members, ownLanes) => Change(reading => reading with
        {
            Members = members,
            Lanes = ownLanes,
            SharedAddresses = [.. _others.Claimed.Select(address => address.ToString())],
        })), "host-directory");
    }

    /// <summary>Which requests have their other end on another member.</summary>
    public IOtherHosts Others => _others;

    /// <summary>What was decided for this host to report; ends after <see cref="Finish"/>.</summary>
    public ChannelReader<IReadOnlyList<Correlation>> Joined => _joined.Reader;

    /// <summary>Completes, with the reason, when this host is no member any more, or of a cluster that is not the one. Its actors go on: what they have is still to be kept.</summary>
    public Task<string> Removed => _removed.Task;

    /// <summary>How it is doing.</summary>
    public ClusterReading Reading => Volatile.Read(ref _reading);

    /// <summary>Starts lanes, link and directory; the host is a member once <see cref="Join"/> has found another.</summary>
    /// <param name="system">A system that was configured for it.</param>
    /// <param name="settings">The cluster's.</param>
    /// <param name="correlation">How requests are correlated: the same on all members.</param>
    public static ClusterHost Start(ActorSystem system, ClusterSettings settings, CorrelationSettings correlation)
    {
        ArgumentNullException.ThrowIfNull(settings);
        return new ClusterHost(system, settings, correlation);
    }

    /// <summary>Begins to join through the seeds, or through whoever has the service's name, and goes on trying; correlation waits for neither.</summary>
    public void Join()
    {
        var cluster = Akka.Cluster.Cluster.Get(_system);
        if (_settings.Service is not { } service)
        {
            cluster.JoinSeedNodes([.. StaticSeeds]);
            return;
        }

        var join = _system.ActorOf(ServiceJoinActor.Props(service, Dns.GetHostAddressesAsync, cluster.SelfAddress.Host,
            addresses => cluster.JoinSeedNodes([.. AtPort(addresses)])), "service-join");
        cluster.RegisterOnMemberUp(() => join.Tell(ServiceJoinActor.Joined.Instance));
    }

    /// <summary>Tells who knows what the kernel saw here.</summary>
    internal void Use(IReadOnlyList<IActorRef> shards) => _link.Tell(new HostLinkActor.ShardsAre(shards));

    /// <summary>Sends halves to their lanes.</summary>
    internal void Send(IReadOnlyList<RequestHalf> halves) => _link.Tell(new HostLinkActor.Outgoing(halves));

    /// <summary>The graph has ended: what waits is settled within seconds, or given up; then <see cref="Joined"/> ends.</summary>
    internal void Finish() => _link.Tell(new HostLinkActor.Finish());

    private void Change(Func<ClusterReading, ClusterReading> change) => ImmutableInterlocked.Update(ref _reading, change);

    private void TakeOut() => _removed.TrySetResult("the cluster has taken this host out, since it could not be reached");

    private IEnumerable<Address> StaticSeeds => _settings.Seeds.Select(seed => ClusterSettings.SplitSeed(seed)!.Value).Select(seed => At(seed.Host, seed.Port));

    private async Task<IReadOnlyList<Address>> SeedsAsync() => _settings.Service is { } service
        ? [.. AtPort(await ServiceJoinActor.AddressesAsync(service, Dns.GetHostAddressesAsync, _settings.Host))]
        : [.. StaticSeeds];

    private IEnumerable<Address> AtPort(IEnumerable<string> addresses) => addresses.Select(address => At(address, _settings.Port));

    private Address At(string host, int port) => Akka.Cluster.Cluster.Get(_system).SelfAddress.WithHost(host).WithPort(port);

    /// <summary>A lane is an entity, and the shard of its own number.</summary>
    private static HashCodeMessageExtractor Extractor(int lanes) => HashCodeMessageExtractor.Create(lanes,
        message => message is HalfBatch batch ? batch.Lane.ToString(System.Globalization.CultureInfo.InvariantCulture) : null!);
}
