using System.Runtime.InteropServices;

namespace CrossLayer.Probe.Native;

/// <summary>A <c>struct bpf_object *</c>.</summary>
internal sealed class BpfObjectHandle() : SafeHandle(0, ownsHandle: true)
{
    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle()
    {
        LibBpf.bpf_object__close(handle);
        return true;
    }
}

/// <summary>A <c>struct bpf_link *</c>: releasing it detaches the program.</summary>
internal sealed class BpfLinkHandle() : SafeHandle(0, ownsHandle: true)
{
    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle() => LibBpf.bpf_link__destroy(handle) == 0;
}

/// <summary>A shared mapping of a BPF map's memory.</summary>
internal sealed unsafe class MappedMemory : SafeHandle
{
    private readonly nuint _length;

    /// <exception cref="ProbeException">The kernel refused the mapping.</exception>
    internal MappedMemory(int fd, nuint length, int protection, nint offset)
        : base(LibC.MapFailed, ownsHandle: true)
    {
        _length = length;
        SetHandle(LibC.mmap(0, length, protection, LibC.MapShared, fd, offset));
        if (IsInvalid)
            throw new ProbeException($"cannot map {length} bytes of BPF map memory: {LibBpf.Describe(Marshal.GetLastPInvokeError())}");
    }

    public override bool IsInvalid => handle == LibC.MapFailed;

    internal byte* Pointer => (byte*)handle;

    protected override bool ReleaseHandle() => LibC.munmap(handle, _length) == 0;
}
