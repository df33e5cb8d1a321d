using System.Collections;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using CrossLayer.Probe.Hooks;
using CrossLayer.Probe.Native;
using Microsoft.Win32.SafeHandles;

namespace CrossLayer.Probe.Privileges;

/// <summary>
/// Carries an attached kernel side over to the same program without privileges. Capabilities belong to threads, and a
/// runtime has threads before it runs our first line: only execve(2), which ends them all, drops for the whole process.
/// The programs stay attached meanwhile, held by file descriptors that are inherited; events wait in the ring.
/// </summary>
internal static unsafe class Handover
{
    private const string Variable = "CROSSLAYER_ATTACHED";

    /// <summary>What an attached kernel side is made of, for the process to come.</summary>
    private sealed record Luggage(
        int Pid, int EventsFd, int StatsFd, int SettingsFd, ProbeFilter Filter, ProbeMode Mode, bool CanSummarise, IReadOnlyList<Link> Links,
        IReadOnlyList<HookStatus> Statuses, long SinceNs);

    private sealed record Link(string Program, int ProgramFd, int LinkFd);

    /// <summary>What this process was handed over; null if nothing. The second call finds nothing.</summary>
    /// <param name="options">What the process was told; what is watched is what was attached.</param>
    internal static LoadedPrograms? Receive(ProbeOptions options)
    {
        var text = Environment.GetEnvironmentVariable(Variable);
        Environment.SetEnvironmentVariable(Variable, null);
        // execve keeps the process id: a child that inherited the variable has another, and not the descriptors.
        if (text is null || JsonSerializer.Deserialize<Luggage>(text) is not { } luggage || luggage.Pid != Environment.ProcessId)
            return null;
        var programs = luggage.Links.Select(link => Own(link.ProgramFd));
        return new LoadedPrograms(
            luggage.EventsFd,
            luggage.StatsFd,
            luggage.SettingsFd,
            options with { Filter = luggage.Filter, Mode = luggage.Mode },
            luggage.CanSummarise,
            [.. luggage.Links.Select(link => new BpfLink(link.Program, link.ProgramFd, link.LinkFd, Own(link.LinkFd)))],
            luggage.Statuses,
            [Own(luggage.EventsFd), Own(luggage.StatsFd), Own(luggage.SettingsFd), .. programs])
        {
            SinceNs = luggage.SinceNs,
        };

        static SafeFileHandle Own(int fd)
        {
            Inherit(fd, false);
            return new SafeFileHandle(fd, ownsHandle: true);
        }
    }

    /// <summary>Starts this program again, without privileges and with what is attached. Does not return.</summary>
    /// <exception cref="ProbeException">The kernel refused; this process goes on as it was, or without privileges.</exception>
    [DoesNotReturn]
    internal static void Continue(LoadedPrograms programs)
    {
        var luggage = new Luggage(
            Environment.ProcessId, programs.EventsFd, programs.StatsFd, programs.SettingsFd, programs.Options.Filter, programs.Options.Mode, programs.CanSummarise,
            [.. programs.Links.Select(link => new Link(link.Program, link.ProgramFd, link.LinkFd))], programs.Statuses, programs.SinceNs);
        int[] fds = [luggage.EventsFd, luggage.StatsFd, luggage.SettingsFd, .. luggage.Links.SelectMany(link => new[] { link.ProgramFd, link.LinkFd })];
        foreach (var fd in fds)
            Inherit(fd, true);

        var executable = Environment.ProcessPath ?? throw new ProbeException("cannot start again without privileges: /proc/self/exe cannot be read");
        var arguments = File.ReadAllText("/proc/self/cmdline").TrimEnd('\0').Split('\0');
        var environment = Environment.GetEnvironmentVariables().Cast<DictionaryEntry>()
            .Select(entry => $"{entry.Key}={entry.Value}").Append($"{Variable}={JsonSerializer.Serialize(luggage)}");
        using var path = new NativeStrings([executable]);
        using var argv = new NativeStrings(arguments);
        using var envp = new NativeStrings([.. environment]);

        ThreadPrivileges.Drop([executable, .. arguments.Where(File.Exists)]);
        _ = LibC.execve(path.Pointer[0], argv.Pointer, envp.Pointer);
        throw new ProbeException($"cannot start {executable} again without privileges: {LibBpf.Describe(Marshal.GetLastPInvokeError())}; --keep-privileges goes on with them");
    }

    private static void Inherit(int fd, bool inherit)
    {
        if (LibC.fcntl(fd, LibC.SetFdFlags, inherit ? 0 : LibC.CloseOnExec) < 0)
            throw new ProbeException(string.Create(CultureInfo.InvariantCulture, $"cannot hand over file descriptor {fd}: {LibBpf.Describe(Marshal.GetLastPInvokeError())}"));
    }

    /// <summary>A null-terminated array of C strings.</summary>
    private sealed class NativeStrings : IDisposable
    {
        private readonly int _count;

        internal NativeStrings(string[] strings)
        {
            _count = strings.Length;
            Pointer = (byte**)NativeMemory.AllocZeroed((nuint)_count + 1, (nuint)sizeof(byte*));
            for (var i = 0; i < _count; i++)
                Pointer[i] = (byte*)Marshal.StringToCoTaskMemUTF8(strings[i]);
        }

        internal byte** Pointer { get; }

        public void Dispose()
        {
            for (var i = 0; i < _count; i++)
                Marshal.FreeCoTaskMem((nint)Pointer[i]);
            NativeMemory.Free(Pointer);
        }
    }
}
