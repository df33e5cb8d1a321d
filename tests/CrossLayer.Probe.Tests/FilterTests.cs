using System.Net;
using System.Net.Sockets;
using CrossLayer.Probe.Hooks;
using CrossLayer.Probe.Native;
using CrossLayer.Probe.Ring;
using CrossLayer.Tests;

namespace CrossLayer.Probe.Tests;

/// <summary>What is watched, changed while the probe runs, and by control group.</summary>
public sealed class FilterTests
{
    [RequiresKernelFact]
    public async Task Another_port_is_watched_from_the_change_on_and_the_change_is_marked()
    {
        using var first = Loopback.IPv4();
        using var second = Loopback.IPv4();
        await using var probe = KernelProbe.Start(first.Options with { Hooks = Recording.Hooks });
        first.Run(11, 13);
        second.Run(17, 19);
        probe.Change(second.Options.Filter, ProbeMode.Full);
        Assert.Equal([second.Port], probe.Filter.Ports);
        first.Run(23, 29);
        second.Run(31, 37);

        var events = await Recording.ReadToEndAsync(probe);

        var mark = Assert.Single(events, e => e is { Type: KernelEventType.Lost, LostEvents: 0 });
        Assert.Equal([11, 13, 31, 37], events.Where(e => e.Type == KernelEventType.Send).OrderBy(e => e.TimestampNs).Select(e => e.Bytes));
        Assert.All(events.Where(e => e.IsOfKernel), e => Assert.Equal(
            e.LocalPort == first.Port || e.PeerPort == first.Port, e.TimestampNs < mark.TimestampNs));
    }

    [RequiresKernelFact]
    public async Task Sixty_thousand_ports_can_be_named()
    {
        using var wanted = Loopback.IPv4();
        using var other = Loopback.IPv4();
        var ports = Enumerable.Range(1, ushort.MaxValue).Select(port => (ushort)port).Where(port => port != other.Port).ToArray();
        await using var probe = KernelProbe.Start(wanted.Options with { Hooks = Recording.Hooks, Filter = new ProbeFilter { Ports = ports } });
        var (client, server) = other.Connect();
        using (client)
        using (server)
            Assert.Contains(Loopback.EndOf(client).Port, ports);
        wanted.Run(41, 43);

        var events = await Recording.ReadToEndAsync(probe);

        Assert.Contains(events, e => e.Type == KernelEventType.Send && e.Bytes == 41);
        // The client's own port is one of those named: what began before it was chosen is told with the rest.
        var connect = Assert.Single(events, e => e.Type == KernelEventType.Connect && e.PeerPort == other.Port);
        Assert.Equal(SocketRole.Active, connect.Role);
        Assert.NotEqual(0UL, connect.SinceNs);
    }

    [RequiresKernelFact]
    public async Task Of_a_connection_on_this_machine_only_the_end_with_the_local_port_is_told_of()
    {
        using var server = Loopback.IPv4();
        using var other = Loopback.IPv4();
        await using var probe = KernelProbe.Start(new ProbeOptions { Hooks = Recording.Hooks, Filter = new ProbeFilter { LocalPorts = [server.Port] } });
        server.Run(41, 43);
        other.Run(47, 53);

        var events = await Recording.ReadToEndAsync(probe);

        Assert.All(events.Where(e => e.IsOfKernel), e => Assert.Equal(server.Port, e.LocalPort));
        Assert.Equal(43, Assert.Single(events, e => e.Type == KernelEventType.Send).Bytes);
        Assert.Contains(events, e => e.Type == KernelEventType.Accept);
        Assert.Contains(events, e => e is { Type: KernelEventType.Recv, Bytes: 41 });
        Assert.Contains(events, e => e.Type == KernelEventType.Close);
    }

    [RequiresKernelFact]
    public async Task A_local_port_is_wanted_beside_a_port_of_either_end()
    {
        using var server = Loopback.IPv4();
        using var other = Loopback.IPv4();
        var filter = new ProbeFilter { Ports = [server.Port], LocalPorts = [.. Enumerable.Range(1, ushort.MaxValue).Select(port => (ushort)port).Where(port => port != server.Port)] };
        await using var probe = KernelProbe.Start(new ProbeOptions { Hooks = Recording.Hooks, Filter = filter });
        server.Run(41, 43);
        other.Run(47, 53);

        var events = await Recording.ReadToEndAsync(probe);

        Assert.Equal([41], events.Where(e => e.Type == KernelEventType.Send).Select(e => e.Bytes));
        Assert.All(events.Where(e => e.IsOfKernel), e => Assert.Equal(server.Port, e.PeerPort));
    }

    [RequiresKernelFact]
    public void What_begins_before_anything_is_chosen_is_not_remembered()
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(0);
        var end = (IPEndPoint)listener.LocalEndPoint!;
        using var first = new TcpClient();
        first.Connect(end); // nobody accepts it: whoever comes now waits for an answer to its SYN
        var options = new ProbeOptions { Hooks = Recording.Hooks, Filter = new ProbeFilter { Ports = [(ushort)end.Port] } };
        using var programs = ProgramLoader.Load(options);
        using var ring = new MappedRing(programs.EventsFd, options.RingBytes);
        using var settings = new MappedSettings(programs.SettingsFd);

        ForgetAll(programs.SettingsFd);
        var before = Begin(end);
        settings.Set(options.Filter);
        before.Dispose();
        Begin(end).Dispose();

        var events = new KernelEvent[64];
        var ended = events[..ring.Read(events, out _)].Where(e => e.Type == KernelEventType.Connect && e.PeerPort == end.Port).ToList();
        Assert.Equal([false, true], ended.Select(e => e.SinceNs != 0));
    }

    private static Socket Begin(IPEndPoint end)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { Blocking = false };
        Assert.Equal(SocketError.WouldBlock, Assert.Throws<SocketException>(() => socket.Connect(end)).SocketErrorCode);
        return socket;
    }

    /// <summary>As the settings are while the programs are being attached.</summary>
    private static unsafe void ForgetAll(int settings)
    {
        using var memory = new MappedMemory(settings, (nuint)((sizeof(KernelSettings) + Environment.SystemPageSize - 1) & -Environment.SystemPageSize), LibC.ProtRead | LibC.ProtWrite, 0);
        *(KernelSettings*)memory.Pointer = default;
    }

    [RequiresControlGroupsFact]
    public async Task Only_sockets_made_in_a_control_group_or_below_it_are_told_of()
    {
        using var group = new TestGroup();
        var below = group.Below("inner");
        Loopback outside = Loopback.IPv4(), inside, deeper;
        group.Enter();
        inside = Loopback.IPv4();
        below.Enter();
        deeper = Loopback.IPv4();
        TestGroup.Leave();
        using (outside)
        using (inside)
        using (deeper)
        {
            // The clients are made outside: of each connection the server's end alone may be told of.
            var all = new ProbeFilter { Ports = [outside.Port, inside.Port, deeper.Port] };
            Assert.Equal([47, 53], await AnswersAsync(all with { ControlGroups = [ControlGroup.Of(group.Folder)] }));
            Assert.Equal([53], await AnswersAsync(all with { ControlGroups = [ControlGroup.Of(below.Folder)] }));
            Assert.Equal([45, 47, 53], await AnswersAsync(all));
        }

        async Task<IEnumerable<int>> AnswersAsync(ProbeFilter filter)
        {
            await using var probe = KernelProbe.Start(new ProbeOptions { Hooks = Recording.Hooks, Filter = filter });
            outside.Run(1, 45);
            inside.Run(2, 47);
            deeper.Run(3, 53);
            var events = await Recording.ReadToEndAsync(probe);
            Assert.All(events.Where(e => filter.ControlGroups.Count > 0 && e.IsOfKernel), e => Assert.NotEqual(SocketRole.Active, e.Role));
            return events.Where(e => e is { Type: KernelEventType.Send, Role: SocketRole.Passive }).OrderBy(e => e.TimestampNs).Select(e => e.Bytes);
        }
    }

    [Fact]
    public void A_folder_that_is_no_control_group_is_named()
    {
        Assert.Contains("/nowhere: there is no such folder", Assert.Throws<ProbeException>(() => ControlGroup.Of("/nowhere")).Message, StringComparison.Ordinal);
        Assert.Contains("/tmp: no folder of a cgroup2 file system", Assert.Throws<ProbeException>(() => ControlGroup.Of("/tmp")).Message, StringComparison.Ordinal);
    }

    [RequiresControlGroupsFact]
    public void The_level_of_a_group_is_counted_from_the_hierarchy_s_root()
    {
        using var group = new TestGroup();

        Assert.Equal(0, ControlGroup.Of(TestGroup.Root!).Level);
        Assert.Equal(1, ControlGroup.Of(group.Folder).Level);
        Assert.Equal(2, ControlGroup.Of(group.Below("inner").Folder + "/").Level);
        Assert.NotEqual(ControlGroup.Of(TestGroup.Root!).Id, ControlGroup.Of(group.Folder).Id);
    }

    /// <summary>A control group of the test's own, gone with it.</summary>
    private sealed class TestGroup : IDisposable
    {
        private readonly List<TestGroup> _below = [];

        internal TestGroup()
            : this(Path.Combine(Root!, $"crosslayer-test-{Environment.ProcessId}"))
        {
        }

        private TestGroup(string folder)
        {
            Folder = folder;
            Directory.CreateDirectory(folder);
        }

        /// <summary>Where the hierarchy is mounted; null if it is not.</summary>
        internal static string? Root { get; } = File.Exists("/proc/self/mountinfo")
            ? File.ReadLines("/proc/self/mountinfo").Where(line => line.Contains(" - cgroup2 ", StringComparison.Ordinal)).Select(line => line.Split(' ')[4]).FirstOrDefault()
            : null;

        internal string Folder { get; }

        internal TestGroup Below(string name)
        {
            _below.Add(new TestGroup(Path.Combine(Folder, name)));
            return _below[^1];
        }

        /// <summary>From now on, what this process makes is made here.</summary>
        internal void Enter() => Enter(Folder);

        internal static void Leave() => Enter(Root!);

        public void Dispose()
        {
            Leave();
            _below.ForEach(group => group.Dispose());
            Directory.Delete(Folder);
        }

        private static void Enter(string folder) => File.WriteAllText(Path.Combine(folder, "cgroup.procs"), $"{Environment.ProcessId}");
    }

    /// <summary>A fact about control groups: skipped, with the reason, where none can be made.</summary>
    [AttributeUsage(AttributeTargets.Method)]
    private sealed class RequiresControlGroupsFactAttribute : FactAttribute
    {
        public RequiresControlGroupsFactAttribute() => Skip = new RequiresKernelFactAttribute().Skip ?? WhyNot();

        private static string? WhyNot()
        {
            if (TestGroup.Root is null)
                return "no cgroup2 file system is mounted";
            try
            {
                using var group = new TestGroup();
                group.Enter();
                return null;
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                return $"no control group can be made: {exception.Message}";
            }
        }
    }
}
