using System.Collections.Immutable;
using Akka.Actor;
using Akka.Cluster;
using Akka.Event;

namespace CrossLayer.Actors.Cluster;

/// <summary>
/// Finds out that there are two clusters where one was meant. A first seed that is started again while it can reach none of the others begins a
/// cluster of its own (Akka's seed nodes), and nothing brings the two together later. So each member calls the seeds that are not members;
/// where two clusters hear of each other, the members of the smaller one end, and join the other as new members when they are started again.
/// </summary>
internal sealed class RollCallActor : ReceiveActor, IWithTimers
{
    internal const string Name = "roll-call";

    internal static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    private readonly Akka.Cluster.Cluster _cluster = Akka.Cluster.Cluster.Get(Context.System);
    private readonly ILoggingAdapter _log = Context.GetLogger();

    public RollCallActor(Func<Task<IReadOnlyList<Address>>> seeds, Action takenOut, TimeSpan interval)
    {
        Receive<Tick>(_ =>
        {
            if (IsUp)
                seeds().PipeTo(Self, success: found => new Seeds(found));
            else
                Wait(interval);
        });
        Receive<Seeds>(found =>
        {
            Call(found.Addresses);
            Wait(interval);
        });
        Receive<Status.Failure>(failure =>
        {
            _log.Warning(failure.Cause, "the seeds are not known: nobody is called");
            Wait(interval);
        });
        Receive<RollCall>(theirs => Hear(theirs.Members, takenOut));
        Wait(interval);
    }

    public ITimerScheduler Timers { get; set; } = null!;

    private bool IsUp => _cluster.SelfMember.Status == MemberStatus.Up;

    private ImmutableSortedSet<string> Own => [.. Members.Select(address => address.ToString())];

    private IEnumerable<Address> Members => _cluster.State.Members.Where(member => member.Status is not (MemberStatus.Removed or MemberStatus.Down)).Select(member => member.Address);

    /// <param name="seeds">Where other members may be.</param>
    /// <param name="takenOut">There is a greater cluster than this host's.</param>
    /// <param name="interval">Between two calls.</param>
    public static Props Props(Func<Task<IReadOnlyList<Address>>> seeds, Action takenOut, TimeSpan interval) =>
        Akka.Actor.Props.Create(() => new RollCallActor(seeds, takenOut, interval));

    /// <summary>Whose members end, of two clusters that have none in common: the fewer, of as many those that come later by address.</summary>
    internal static bool Yields(ImmutableSortedSet<string> own, ImmutableSortedSet<string> theirs) =>
        own.Count != theirs.Count ? own.Count < theirs.Count : string.CompareOrdinal(own[0], theirs[0]) > 0;

    private void Wait(TimeSpan interval) => Timers.StartSingleTimer(nameof(Tick), Tick.Instance, interval);

    private void Call(IReadOnlyList<Address> seeds)
    {
        foreach (var seed in seeds.Except(Members))
            Context.ActorSelection(new RootActorPath(seed) / "user" / Name).Tell(new RollCall([.. Own]));
    }

    private void Hear(IReadOnlyList<string> members, Action takenOut)
    {
        ImmutableSortedSet<string> own = Own, theirs = [.. members];
        // With a host in both, one of them has not heard yet that it left, or came.
        if (!IsUp || theirs.IsEmpty || own.Overlaps(theirs))
            return;
        if (Yields(own, theirs))
        {
            _log.Warning("there is another cluster, of {0}: this one, of {1}, yields to it", string.Join(", ", theirs), string.Join(", ", own));
            takenOut();
        }
        else
        {
            Sender.Tell(new RollCall([.. own]));
        }
    }

    private sealed record Tick : INoSerializationVerificationNeeded
    {
        internal static Tick Instance { get; } = new();
    }

    private sealed record Seeds(IReadOnlyList<Address> Addresses) : INoSerializationVerificationNeeded;
}
