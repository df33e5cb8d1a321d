using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using CrossLayer.Probe.Clock;
using CrossLayer.Probe.Doctor;
using CrossLayer.Probe.Native;
using CrossLayer.Probe.Ring;
using Microsoft.Win32.SafeHandles;

namespace CrossLayer.Probe;

/// <summary>Opens the embedded object, sets it up for this machine, loads and attaches it.</summary>
internal static unsafe class ProgramLoader
{
    /// <summary>What each program is for. Programs and this table must agree; a test compares them.</summary>
    internal static readonly IReadOnlyDictionary<string, (string Events, bool Required)> Programs =
        new Dictionary<string, (string, bool)>
        {
            ["on_state"] = ("connect, accept, state", true),
            ["on_send"] = ("send", true),
            ["on_recv"] = ("recv", true),
            ["on_destroy"] = ("close", true),
            ["on_segment"] = ("acked", false),
            ["on_retransmit"] = ("retransmit", false),
            ["on_synack_retransmit"] = ("synack_retransmit", false),
            ["on_reset_sent"] = ("reset_sent", false),
            ["on_reset_received"] = ("reset_received", false),
            ["on_drop"] = ("drop", false),
            ["on_present"] = ("state of older connections", false),
        };

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

    /// <summary>Loads and attaches; <paramref name="links"/> receives what was attached.</summary>
    /// <exception cref="ProbeUnavailableException">A privilege, BTF or a required hook is missing.</exception>
    internal static (BpfObjectHandle Object, IReadOnlyList<HookStatus> Hooks) Load(ProbeOptions options, List<(string Hook, BpfLinkHandle Link)> links)
    {
        var obj = Open();
        try
        {
            SetUp(obj, options);
            var hooks = SelectHooks(obj);
            using var log = new LibBpfLog();
            var error = LibBpf.bpf_object__load(obj);
            if (error != 0)
                throw Unavailable("load the BPF programs", error, log);
            return (obj, Attach(obj, hooks, links));
        }
        catch
        {
            foreach (var (_, link) in links)
                link.Dispose();
            links.Clear();
            obj.Dispose();
            throw;
        }
    }

    /// <summary>The file descriptor of a loaded map.</summary>
    internal static int MapFd(BpfObjectHandle obj, string name) => LibBpf.bpf_map__fd(Map(obj, name));

    private static void SetUp(BpfObjectHandle obj, ProbeOptions options)
    {
        Check(LibBpf.bpf_map__set_max_entries(Map(obj, "events"), options.RingBytes), "set the ring's size");
        Check(LibBpf.bpf_map__set_max_entries(Map(obj, "cpu_stats"), (uint)LibBpf.libbpf_num_possible_cpus()), "set the number of CPUs");

        using var btf = Btf.Of(obj);
        var size = btf.Struct("crosslayer_event").Size;
        if (size != Unsafe.SizeOf<KernelEvent>() || btf.Struct("crosslayer_cpu_stats").Size != CpuStats.EntryBytes)
            throw new ProbeException($"the BPF object's event has {size} bytes, this build's {Unsafe.SizeOf<KernelEvent>()}: build again");

        nuint length;
        var settings = new Span<byte>(LibBpf.bpf_map__initial_value(Map(obj, ".rodata"), &length), (int)length);
        var variables = btf.DataSection(".rodata");
        for (var i = 0; i < options.Ports.Count; i++)
            BinaryPrimitives.WriteUInt16LittleEndian(settings[(variables["filter_ports"].Offset + 2 * i)..], options.Ports[i]);
        BinaryPrimitives.WriteUInt32LittleEndian(settings[variables["filter_port_count"].Offset..], (uint)options.Ports.Count);
        BinaryPrimitives.WriteUInt32LittleEndian(settings[variables["filter_pid"].Offset..], options.Pid);
        BinaryPrimitives.WriteUInt64LittleEndian(settings[variables["ns_per_jiffy"].Offset..], (ulong)KernelClock.JiffyNs());
        BinaryPrimitives.WriteUInt64LittleEndian(settings[variables["wakeup_bytes"].Offset..], options.WakeupBytes);
    }

    /// <summary>Turns off the programs whose hook this kernel lacks.</summary>
    private static List<(nint Program, HookStatus Status)> SelectHooks(BpfObjectHandle obj)
    {
        using var kernel = Btf.OfKernel()
            ?? throw new ProbeUnavailableException("this kernel offers no BTF (/sys/kernel/btf/vmlinux): a kernel built with CONFIG_DEBUG_INFO_BTF is needed");
        var hooks = new List<(nint, HookStatus)>();
        for (var program = LibBpf.bpf_object__next_program(obj, 0); program != 0; program = LibBpf.bpf_object__next_program(obj, program))
        {
            var section = Marshal.PtrToStringUTF8((nint)LibBpf.bpf_program__section_name(program))!;
            var (events, required) = Programs[Marshal.PtrToStringUTF8((nint)LibBpf.bpf_program__name(program))!];
            var status = new HookStatus(events, section, required, null);
            if (!kernel.HasHook(section))
            {
                status = status with { Missing = "this kernel has no such hook" };
                if (required)
                    throw new ProbeUnavailableException($"cannot see {events}: this kernel has no {section}");
                Check(LibBpf.bpf_program__set_autoload(program, false), $"leave out {section}");
            }

            hooks.Add((program, status));
        }

        return hooks;
    }

    private static List<HookStatus> Attach(BpfObjectHandle obj, List<(nint Program, HookStatus Status)> hooks, List<(string Hook, BpfLinkHandle Link)> links)
    {
        var result = new List<HookStatus>(hooks.Count);
        foreach (var (program, status) in hooks)
        {
            if (status.Missing is not null)
            {
                result.Add(status);
                continue;
            }

            using var log = new LibBpfLog();
            var link = LibBpf.bpf_program__attach(program);
            var error = Marshal.GetLastPInvokeError();
            if (!link.IsInvalid)
                links.Add((status.Hook, link));
            else if (status.Required)
                throw Unavailable($"attach {status.Hook}", error, log);
            result.Add(link.IsInvalid ? status with { Missing = LibBpf.Describe(error) } : status);
        }

        return result;
    }

    /// <summary>Runs an attached iterator over all it covers.</summary>
    /// <exception cref="ProbeException">The kernel refused.</exception>
    internal static void Iterate(BpfLinkHandle link)
    {
        var fd = LibBpf.bpf_iter_create(LibBpf.bpf_link__fd(link));
        Check(fd, "read the connections that are there already");
        using var iterator = new FileStream(new SafeFileHandle(fd, ownsHandle: true), FileAccess.Read, bufferSize: 0);
        Span<byte> nothing = stackalloc byte[256];
        while (iterator.Read(nothing) > 0)
        {
            // The program writes events to the ring, none to the file.
        }
    }

    private static ProbeUnavailableException Unavailable(string what, int error, LibBpfLog log) =>
        Math.Abs(error) is LibC.Eperm or LibC.Eacces && Capabilities.Held() is { } held && !Capabilities.Suffice(held)
            ? new ProbeUnavailableException($"cannot {what}: no permission; run as root, or with CAP_BPF and CAP_PERFMON", log.Lines())
            : new ProbeUnavailableException($"cannot {what}: {LibBpf.Describe(error)}; libbpf says: {log.LastLine()}", log.Lines());

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
