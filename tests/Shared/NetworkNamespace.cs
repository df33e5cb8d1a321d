using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace CrossLayer.Tests;

/// <summary>A host of its own, as far as the network goes, until it is disposed of.</summary>
internal sealed class NetworkNamespace : IDisposable
{
    private static int _made;

    /// <param name="host">What it stands for; the last part of its name.</param>
    /// <exception cref="IOException">There can be none here.</exception>
    internal NetworkNamespace(string host)
    {
        Name = string.Create(CultureInfo.InvariantCulture, $"crosslayer-{Environment.ProcessId}-{Interlocked.Increment(ref _made)}-{host}");
        Command("ip", $"netns add {Name}");
    }

    /// <summary>By which <c>ip -n</c> knows it.</summary>
    internal string Name { get; }

    /// <summary>Runs in this namespace, on a thread of its own, since that stays there; the sockets that it makes do too.</summary>
    internal T Run<T>(Func<T> make)
    {
        T? made = default;
        Exception? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                const int newNet = 0x40000000; // CLONE_NEWNET
                using var file = File.OpenHandle($"/run/netns/{Name}");
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
        return failure is null ? made! : throw new IOException($"{Name}: {failure.Message}", failure);
    }

    /// <summary>
    /// From now on, what the loopback interface carries is received on any processor, to be interrupted at any time: without this, a
    /// packet is received where it was sent, in its sender's own course.
    /// </summary>
    internal void ReceiveOnAllProcessors()
    {
        var mask = Path.GetTempFileName();
        File.WriteAllText(mask, ((1UL << Math.Min(Environment.ProcessorCount, 32)) - 1).ToString("x", CultureInfo.InvariantCulture));
        Command("ip", $"netns exec {Name} cp {mask} /sys/class/net/lo/queues/rx-0/rps_cpus");
        File.Delete(mask);
    }

    /// <summary>Runs a program; its arguments contain no spaces.</summary>
    /// <exception cref="IOException">It failed; with what it said.</exception>
    internal static void Command(string tool, string arguments)
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

    public void Dispose() => Command("ip", $"netns del {Name}");

    [DllImport("libc", EntryPoint = "setns", SetLastError = true), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SetNamespace(int file, int kind);
}
