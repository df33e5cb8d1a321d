using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using CrossLayer.Tests;

namespace CrossLayer.Integration.Tests.Loss;

/// <summary>
/// A client's host, a router and a server's host, a network namespace each, until it is disposed of. Packets are lost in the
/// router: what a host drops of its own output is no loss to its TCP.
/// </summary>
internal sealed class LossyPath : IDisposable
{
    /// <summary>Packets of the server's.</summary>
    internal const string FromServer = "ip saddr 10.77.2.2";

    /// <summary>Packets of the client's.</summary>
    internal const string FromClient = "ip saddr 10.77.1.2";

    /// <summary>Of those: what carries the last bytes of a write.</summary>
    internal const string Data = " tcp flags & psh == psh";

    /// <summary>Of those: what does nothing but acknowledge.</summary>
    internal const string PureAck = " tcp flags == ack";

    /// <summary>Of those: the first of a handshake.</summary>
    internal const string Syn = " tcp flags & (syn | ack) == syn";

    /// <summary>Of those: the second of a handshake.</summary>
    internal const string SynAck = " tcp flags & (syn | ack) == (syn | ack)";

    private const string Chain = "ip loss forward";
    private static int _made;

    private readonly string _client;
    private readonly string _router;
    private readonly string _server;

    /// <summary>Namespaces that are there, to be removed.</summary>
    private readonly List<string> _namespaces = [];

    internal LossyPath()
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"crosslayer-{Environment.ProcessId}-{Interlocked.Increment(ref _made)}");
        (_client, _router, _server) = ($"{name}-client", $"{name}-router", $"{name}-server");
        try
        {
            foreach (var space in new[] { _client, _router, _server })
            {
                Run("ip", $"netns add {space}");
                _namespaces.Add(space);
            }

            Lay(_client, "toclient", ClientAddress, "10.77.1.1");
            Lay(_server, "toserver", ServerAddress, "10.77.2.1");
            InNamespace(_router, () =>
            {
                File.WriteAllText("/proc/sys/net/ipv4/ip_forward", "1");
                return true;
            });
            Nft("add table ip loss");
            Nft($"add chain {Chain} {{ type filter hook forward priority 0 ; }}");
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Why there can be no such path here; null where there can.</summary>
    internal static string? Missing()
    {
        try
        {
            using var path = new LossyPath();
            return null;
        }
        catch (Exception e) when (e is IOException or Win32Exception or UnauthorizedAccessException)
        {
            return $"no network namespaces: {e.Message}";
        }
    }

    internal static IPAddress ClientAddress { get; } = IPAddress.Parse("10.77.1.2");

    internal static IPAddress ServerAddress { get; } = IPAddress.Parse("10.77.2.2");

    /// <summary>A socket on the client's host.</summary>
    internal Socket NewClientSocket(Func<Socket> make) => InNamespace(_client, make);

    /// <summary>A socket on the server's host.</summary>
    internal Socket NewServerSocket(Func<Socket> make) => InNamespace(_server, make);

    /// <summary>From now on, the first packets that match are lost.</summary>
    internal void Lose(string match, int count) =>
        Nft(string.Create(CultureInfo.InvariantCulture, $"add rule {Chain} {match} numgen inc mod 65536 < {count} drop"));

    /// <summary>From now on, all packets that match are lost.</summary>
    internal void LoseAll(string match) => Nft($"add rule {Chain} {match} drop");

    /// <summary>Nothing is lost any more.</summary>
    internal void Heal() => Nft($"flush chain {Chain}");

    public void Dispose()
    {
        foreach (var space in _namespaces)
            Run("ip", $"netns del {space}");
        _namespaces.Clear();
    }

    private void Lay(string host, string device, IPAddress address, string gateway)
    {
        Run("ip", $"link add eth0 netns {host} type veth peer name {device} netns {_router}");
        Run("ip", $"-n {_router} addr add {gateway}/24 dev {device}");
        Run("ip", $"-n {_router} link set {device} up");
        Run("ip", $"-n {host} addr add {address}/24 dev eth0");
        // A packet is a segment: nothing that is lost was several.
        Run("ip", $"-n {host} link set eth0 gso_max_segs 1 up");
        Run("ip", $"-n {host} route add default via {gateway}");
    }

    private void Nft(string command) => Run("ip", $"netns exec {_router} nft {command}");

    /// <summary>A thread of its own, since it stays in the namespace; the sockets that it makes do too.</summary>
    private static T InNamespace<T>(string space, Func<T> make)
    {
        T? made = default;
        Exception? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                const int newNet = 0x40000000; // CLONE_NEWNET
                using var file = File.OpenHandle($"/run/netns/{space}");
                if (SetNamespace(file.DangerousGetHandle().ToInt32(), newNet) != 0)
                    throw new Win32Exception();
                made = make();
            }
#pragma warning disable CA1031 // thrown again below
            catch (Exception e)
#pragma warning restore CA1031
            {
                failure = e;
            }
        });
        thread.Start();
        thread.Join();
        return failure is null ? made! : throw new IOException($"{space}: {failure.Message}", failure);
    }

    private static void Run(string tool, string arguments)
    {
        var start = new ProcessStartInfo(RequiresKernelFactAttribute.PathOf(tool) ?? tool, arguments.Split(' '))
        {
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0)
            throw new IOException($"{tool} {arguments}: {error.Trim()}");
    }

    [DllImport("libc", EntryPoint = "setns", SetLastError = true), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SetNamespace(int file, int kind);
}
