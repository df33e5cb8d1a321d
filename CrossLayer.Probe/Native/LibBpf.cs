using System.Runtime.InteropServices;

namespace CrossLayer.Probe.Native;

/// <summary>libbpf 1.x. Only what exists since 1.0; failures return null or -errno and set errno.</summary>
internal static unsafe partial class LibBpf
{
    private const string Library = "libbpf.so.1";

    [LibraryImport(Library)]
    internal static partial byte* libbpf_version_string();

    [LibraryImport(Library)]
    internal static partial int libbpf_num_possible_cpus();

    [LibraryImport(Library)]
    internal static partial int libbpf_strerror(int error, byte* buffer, nuint size);

    [LibraryImport(Library)]
    internal static partial nint libbpf_set_print(delegate* unmanaged[Cdecl]<int, byte*, nint, int> print);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial BpfObjectHandle bpf_object__open_mem(byte* image, nuint size, void* options);

    [LibraryImport(Library)]
    internal static partial int bpf_object__load(BpfObjectHandle obj);

    [LibraryImport(Library)]
    internal static partial void bpf_object__close(nint obj);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial nint bpf_object__find_map_by_name(BpfObjectHandle obj, string name);

    [LibraryImport(Library)]
    internal static partial nint bpf_object__next_program(BpfObjectHandle obj, nint previous);

    [LibraryImport(Library)]
    internal static partial nint bpf_object__btf(BpfObjectHandle obj);

    [LibraryImport(Library)]
    internal static partial byte* bpf_program__name(nint program);

    [LibraryImport(Library)]
    internal static partial byte* bpf_program__section_name(nint program);

    [LibraryImport(Library)]
    internal static partial int bpf_program__set_autoload(nint program, [MarshalAs(UnmanagedType.U1)] bool autoload);

    [LibraryImport(Library)]
    internal static partial int bpf_program__fd(nint program);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial BpfLinkHandle bpf_program__attach(nint program);

    [LibraryImport(Library)]
    internal static partial int bpf_link__destroy(nint link);

    [LibraryImport(Library)]
    internal static partial int bpf_link__fd(BpfLinkHandle link);

    [LibraryImport(Library)]
    internal static partial int bpf_iter_create(int linkFd);

    [LibraryImport(Library)]
    internal static partial int bpf_obj_get_info_by_fd(int fd, void* info, uint* size);

    /// <summary>Measures run times of all programs until the descriptor that it returns is closed; -errno.</summary>
    [LibraryImport(Library)]
    internal static partial int bpf_enable_stats(int type);

    [LibraryImport(Library)]
    internal static partial int bpf_map__set_max_entries(nint map, uint entries);

    [LibraryImport(Library)]
    internal static partial int bpf_map__fd(nint map);

    [LibraryImport(Library)]
    internal static partial byte* bpf_map__initial_value(nint map, nuint* size);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial nint btf__load_vmlinux_btf();

    [LibraryImport(Library, SetLastError = true)]
    internal static partial nint btf__new(byte* data, uint size);

    [LibraryImport(Library)]
    internal static partial uint btf__type_cnt(nint btf);

    [LibraryImport(Library)]
    internal static partial void btf__free(nint btf);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int btf__find_by_name_kind(nint btf, string name, uint kind);

    [LibraryImport(Library)]
    internal static partial BtfType* btf__type_by_id(nint btf, uint id);

    [LibraryImport(Library)]
    internal static partial byte* btf__name_by_offset(nint btf, uint offset);

    [LibraryImport(Library)]
    internal static partial long btf__resolve_size(nint btf, uint id);

    /// <summary>libbpf's own text for an errno or for one of its own codes (4001…).</summary>
    internal static string Describe(int error)
    {
        var buffer = stackalloc byte[128];
        _ = libbpf_strerror(Math.Abs(error), buffer, 128);
        return Marshal.PtrToStringUTF8((nint)buffer) ?? $"error {error}";
    }
}
