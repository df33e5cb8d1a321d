using System.Runtime.InteropServices;

namespace CrossLayer.Tests;

/// <summary>A fact that loads the kernel side: skipped, with the reason, where that cannot work.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class RequiresKernelFactAttribute : FactAttribute
{
    private static readonly string? Missing = FindMissing();

    public RequiresKernelFactAttribute() => Skip = Missing;

    private static string? FindMissing()
    {
        if (!Environment.IsPrivilegedProcess)
            return "not root";
        if (!File.Exists("/sys/kernel/btf/vmlinux"))
            return "this kernel offers no BTF (/sys/kernel/btf/vmlinux)";
        if (!NativeLibrary.TryLoad("libbpf.so.1", out var library))
            return "libbpf.so.1 not found";
        NativeLibrary.Free(library);
        return null;
    }
}
