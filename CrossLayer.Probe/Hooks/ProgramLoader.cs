using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using CrossLayer.Probe.Clock;
using CrossLayer.Probe.Doctor;
using CrossLayer.Probe.Native;
using CrossLayer.Probe.Privileges;
using CrossLayer.Probe.Ring;
using Microsoft.Win32.SafeHandles;

namespace CrossLayer.Probe.Hooks;

/// <summary>
/// Opens the embedded object, sets it up for this machine, loads and attaches it. One program that the kernel refuses
/// spoils the whole object: then its event takes the next hook, and the object is opened again.
/// </summary>
internal static unsafe class ProgramLoader
{
    /// <summary>The program that walks over the sockets that are there.</summary>
    internal const string Iterator = "iter_present";

    private const string KprobeOfRetransmits = "kretprobe_retrans";
    private const string Arguments = "arguments_of_";

    // Sockets alive at once, and threads inside a call at once, where kprobes keep them in hashes.
    private const uint MaxSockets = 64 << 10;
    private const uint MaxCalls = 32 << 10;

    /// <summary>Opens the embedded object, without touching the kernel.</summary>
    /// <exception cref="ProbeUnavailableException">libbpf is missing.</exception>
    internal static BpfObjectHandle Open()
    {
        using var stream = typeof(ProgramLoader).Assembly.GetManifestResourceStream("crosslayer.bpf.o")
            ?? throw new ProbeException("this build does not contain the BPF object");
        var image = new byte[stream.Length];
        stream.ReadExactly(image);
        try
        {
            using var log = new LibBpfLog();
            BpfObjectHandle handle;
            fixed (byte* bytes = image)
                handle = LibBpf.bpf_object__open_mem(bytes, (nuint)image.Length, null);
            if (handle.IsInvalid)
                throw new ProbeException($"libbpf cannot read the BPF object: {log.LastLine()}");
            return handle;
        }
        catch (Exception e) when (e is DllNotFoundException or TypeInitializationException { InnerException: DllNotFoundException })
        {
            throw new ProbeUnavailableException("libbpf.so.1 not found: install libbpf (Debian: apt-get install libbpf1)");
        }
    }

    /// <summary>Names of the object's programs, and the section of each: where it attaches.</summary>
    internal static IReadOnlyDictionary<string, string> Sections(BpfObjectHandle obj)
    {
        var sections = new Dictionary<string, string>();
        foreach (var program in ProgramsOf(obj))
            sections.Add(NameOf(program), Marshal.PtrToStringUTF8((nint)LibBpf.bpf_program__section_name(program))!);
        return sections;
    }

    /// <summary>Loads and attaches the best hooks that <see cref="ProbeOptions.Hooks"/> allows.</summary>
    /// <exception cref="ProbeUnavailableException">A privilege, BTF or a required hook is missing.</exception>
    internal static LoadedPrograms Load(ProbeOptions options)
    {
        var since = KernelClock.MonotonicNs();
        var obj = Open();
        try
        {
            using var kernel = Btf.OfKernel()
                ?? throw new ProbeUnavailableException("this kernel offers no BTF (/sys/kernel/btf/vmlinux): a kernel built with CONFIG_DEBUG_INFO_BTF is needed");
            var selection = new HookSelection(options.Hooks, options.Kernel(new KernelHooks(kernel)), Sections(obj));
            while (true)
            {
                SetUp(obj, options, selection, kernel);
                if (TryLoad(obj, options, selection) is { } links)
                    return new LoadedPrograms(
                        MapFd(obj, "events"), MapFd(obj, "cpu_stats"), MapFd(obj, MappedSettings.Map), options, !selection.CopiesFields, links, selection.Statuses, obj)
                    {
                        SinceNs = since,
                    };
                obj.Dispose();
                obj = Open();
            }
        }
        catch
        {
            obj.Dispose();
            throw;
        }
    }

    private static int MapFd(BpfObjectHandle obj, string name) => LibBpf.bpf_map__fd(Map(obj, name));

    private static void SetUp(BpfObjectHandle obj, ProbeOptions options, HookSelection selection, Btf kernel)
    {
        var programs = selection.Programs.ToHashSet();
        foreach (var program in ProgramsOf(obj))
            Check(LibBpf.bpf_program__set_autoload(program, programs.Contains(NameOf(program))), $"choose {NameOf(program)}");

        Resize(obj, "events", options.RingBytes);
        Resize(obj, "cpu_stats", (uint)LibBpf.libbpf_num_possible_cpus());
        if (selection.CopiesFields)
            Resize(obj, "socket_states_hash", MaxSockets);
        if (selection.NotesCalls)
            Resize(obj, "calls", MaxCalls);

        using var btf = Btf.Of(obj);
        var size = btf.Struct("crosslayer_event").Size;
        if (size != Unsafe.SizeOf<KernelEvent>() || btf.Struct("crosslayer_cpu_stats").Size != CpuStats.EntryBytes)
            throw new ProbeException($"the BPF object's event has {size} bytes, this build's {Unsafe.SizeOf<KernelEvent>()}: build again");

        nuint length;
        var changeable = (KernelSettings*)LibBpf.bpf_map__initial_value(Map(obj, MappedSettings.Map), &length);
        if (btf.Struct("crosslayer_settings").Size != sizeof(KernelSettings) || length < (nuint)sizeof(KernelSettings))
            throw new ProbeException("the BPF object's settings are not this build's: build again");
        *changeable = default; // nothing is watched yet
        changeable->Summarise = options.Mode == ProbeMode.Summary ? (byte)1 : (byte)0;
        CheckGroups(options.Filter, kernel);
        if (options.Mode == ProbeMode.Summary && selection.CopiesFields)
            throw new ProbeUnavailableException("summaries are kept in socket storage, which kprobes and raw tracepoints have no access to: choose other hooks, or another mode");

        var settings = new Span<byte>(LibBpf.bpf_map__initial_value(Map(obj, ".rodata"), &length), (int)length);
        var variables = btf.DataSection(".rodata");
        BinaryPrimitives.WriteUInt64LittleEndian(settings[variables["ns_per_jiffy"].Offset..], (ulong)KernelClock.JiffyNs());
        BinaryPrimitives.WriteUInt64LittleEndian(settings[variables["wakeup_bytes"].Offset..], options.WakeupBytes);
        settings[variables["states_in_hash"].Offset] = selection.CopiesFields ? (byte)1 : (byte)0;
        settings[variables["kprobe_retransmits"].Offset] = programs.Contains(KprobeOfRetransmits) ? (byte)1 : (byte)0;
        foreach (var (name, place) in variables.Where(variable => variable.Key.StartsWith(Arguments, StringComparison.Ordinal)))
            settings[place.Offset] = (byte)kernel.ArgumentsOf(name[Arguments.Length..]);
    }

    /// <exception cref="ProbeUnavailableException">The kernel does not tell what is asked for.</exception>
    internal static void CheckGroups(ProbeFilter filter, Btf? kernel)
    {
        if (filter.ControlGroups.Count > 0 && kernel?.HasStruct("sock_cgroup_data", "cgroup") != true)
            throw new ProbeUnavailableException("this kernel does not tell which control group a socket was made in (Linux 5.16)");
    }

    /// <summary>The links of all programs chosen; null, and the selection is another, if the kernel refused one.</summary>
    private static List<BpfLink>? TryLoad(BpfObjectHandle obj, ProbeOptions options, HookSelection selection)
    {
        using (var log = new LibBpfLog())
        {
            var error = LibBpf.bpf_object__load(obj);
            if (error != 0)
            {
                if (LacksPrivilege(error) || log.FailedProgram() is not { } program)
                    throw Unavailable("load the BPF programs", error, log);
                selection.Refuse(program, WhyRefused(error, log));
                return null;
            }
        }

        var links = new List<BpfLink>();
        try
        {
            var loaded = ProgramsOf(obj).ToDictionary(NameOf);
            foreach (var name in selection.Programs)
            {
                using var log = new LibBpfLog();
                var link = LibBpf.bpf_program__attach(loaded[name]);
                var error = Marshal.GetLastPInvokeError();
                if (!link.IsInvalid)
                {
                    links.Add(new BpfLink(name, LibBpf.bpf_program__fd(loaded[name]), LibBpf.bpf_link__fd(link), link));
                    continue;
                }

                if (LacksPrivilege(error))
                    throw Unavailable($"attach {name}", error, log);
                Release(links);
                selection.Refuse(name, WhyRefused(error, log));
                return null;
            }

            // Not before all hooks can tell: what some of them saw of a connection is not all that happened to it.
            using var settings = new MappedSettings(MapFd(obj, MappedSettings.Map));
            settings.Set(options.Filter);
            return links;
        }
        catch
        {
            Release(links);
            throw;
        }
    }

    private static void Release(List<BpfLink> links)
    {
        foreach (var link in links)
            link.Handle.Dispose();
    }

    /// <summary>Runs an attached iterator over all it covers.</summary>
    /// <exception cref="ProbeException">The kernel refused.</exception>
    internal static void Iterate(BpfLink link)
    {
        var fd = LibBpf.bpf_iter_create(link.LinkFd);
        Check(fd, "read the connections that are there already");
        using var iterator = new FileStream(new SafeFileHandle(fd, ownsHandle: true), FileAccess.Read, bufferSize: 0);
        Span<byte> nothing = stackalloc byte[256];
        while (iterator.Read(nothing) > 0)
        {
            // The program writes events to the ring, none to the file.
        }
    }

    private static bool LacksPrivilege(int error) =>
        Math.Abs(error) is LibC.Eperm or LibC.Eacces && Capabilities.Held() is { } held && !Capabilities.Suffice(held);

    private static ProbeUnavailableException Unavailable(string what, int error, LibBpfLog log) => LacksPrivilege(error)
        ? new ProbeUnavailableException($"cannot {what}: no permission: {Capabilities.Lacking()}; run as root, or with CAP_BPF and CAP_PERFMON", log.Lines())
        : new ProbeUnavailableException($"cannot {what}: {LibBpf.Describe(error)}; libbpf says: {log.LastLine()}", log.Lines());

    /// <summary>Privileges suffice, and yet the kernel says no: it forbids, or the verifier or the attachment has a reason.</summary>
    private static string WhyRefused(int error, LibBpfLog log) => Math.Abs(error) == LibC.Eperm
        ? $"{LibBpf.Describe(error)}, whatever the privileges ({Lockdown.Describe()})"
        : $"{LibBpf.Describe(error)}: {log.LastLine()}";

    private static List<nint> ProgramsOf(BpfObjectHandle obj)
    {
        var programs = new List<nint>();
        for (var program = LibBpf.bpf_object__next_program(obj, 0); program != 0; program = LibBpf.bpf_object__next_program(obj, program))
            programs.Add(program);
        return programs;
    }

    private static string NameOf(nint program) => Marshal.PtrToStringUTF8((nint)LibBpf.bpf_program__name(program))!;

    private static void Resize(BpfObjectHandle obj, string map, uint entries) =>
        Check(LibBpf.bpf_map__set_max_entries(Map(obj, map), entries), $"set the size of {map}");

    private static nint Map(BpfObjectHandle obj, string name)
    {
        var map = LibBpf.bpf_object__find_map_by_name(obj, name);
        return map != 0 ? map : throw new ProbeException($"the BPF object has no map '{name}'");
    }

    private static void Check(int error, string what)
    {
        if (error < 0)
            throw new ProbeException($"cannot {what}: {LibBpf.Describe(error)}");
    }
}
