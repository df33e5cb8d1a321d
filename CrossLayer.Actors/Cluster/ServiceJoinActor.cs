using System.Net;
using System.Net.Sockets;
using Akka.Actor;
using Akka.Event;

namespace CrossLayer.Actors.Cluster;

/// <summary>
/// Joins through whoever has the service's name, and asks for the name's addresses again until this host is a member: they may be those of
/// members that are gone since, or that are not there yet. Ends when the host is a member.
/// </summary>
internal sealed class ServiceJoinActor : ReceiveActor, IWithTimers
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly string _service;
    private readonly Func<string, Task<IPAddress[]>> _resolve;
    private readonly string _own;
    private readonly Action<IReadOnlyList<string>> _join;
    private IReadOnlyList<string> _tried = [];
    private string _said = "";

    public ServiceJoinActor(string service, Func<string, Task<IPAddress[]>> resolve, string own, Action<IReadOnlyList<string>> join)
    {
        (_service, _resolve, _own, _join) = (service, resolve, own, join);
        Receive<Ask>(_ => ResolveAsync().PipeTo(Self));
        Receive<Answer>(answer =>
        {
            Try(answer);
            Timers.StartSingleTimer(nameof(Ask), Ask.Instance, Interval);
        });
        Receive<Joined>(_ => Context.Stop(Self));
    }

    public ITimerScheduler Timers { get; set; } = null!;

    /// <param name="service">The name.</param>
    /// <param name="resolve">Finds a name's addresses; <see cref="SocketException"/> if there are none.</param>
    /// <param name="own">By what the others reach this host: a name, or an address, whose family theirs are then of.</param>
    /// <param name="join">Tries these; takes the place of what is being tried.</param>
    public static Props Props(string service, Func<string, Task<IPAddress[]>> resolve, string own, Action<IReadOnlyList<string>> join) =>
        Akka.Actor.Props.Create(() => new ServiceJoinActor(service, resolve, own, join));

    protected override void PreStart() => Self.Tell(Ask.Instance);

    /// <summary>In the same order on every host, so that the first of them is the first of all.</summary>
    private static IReadOnlyList<string> Order(IEnumerable<IPAddress> addresses, string own)
    {
        // A member listens at one address: of a host with two families, the other one's would be a seed that nobody is.
        var family = IPAddress.TryParse(own, out var address) ? address.AddressFamily : (AddressFamily?)null;
        return [.. addresses.Where(found => family is null || found.AddressFamily == family).Select(found => found.ToString()).Distinct().Order(StringComparer.Ordinal)];
    }

    /// <summary>The addresses that a name leads to.</summary>
    /// <exception cref="SocketException">There are none.</exception>
    internal static async Task<IReadOnlyList<string>> AddressesAsync(string service, Func<string, Task<IPAddress[]>> resolve, string own) => Order(await resolve(service), own);

    private async Task<Answer> ResolveAsync()
    {
        try
        {
            return new Answer(await AddressesAsync(_service, _resolve, _own), "no address of this host's family");
        }
        catch (SocketException exception)
        {
            return new Answer([], exception.Message);
        }
    }

    private void Try(Answer answer)
    {
        if (answer.Addresses.Count == 0)
        {
            Warn($"{_service} leads to no member yet: {answer.Reason}");
            return;
        }

        // The same again would only begin anew what is on its way.
        if (answer.Addresses.SequenceEqual(_tried))
            return;
        _tried = answer.Addresses;
        _log.Info("{0}: joining through {1}", _service, string.Join(", ", _tried));
        _join(_tried);
    }

    private void Warn(string line)
    {
        if (line != _said)
            _log.Warning("{0}", line);
        _said = line;
    }

    /// <summary>This host is a member.</summary>
    internal sealed class Joined
    {
        public static readonly Joined Instance = new();
    }

    private sealed class Ask
    {
        public static readonly Ask Instance = new();
    }

    private sealed record Answer(IReadOnlyList<string> Addresses, string Reason);
}
