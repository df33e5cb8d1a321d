using System.Runtime.InteropServices;

namespace CrossLayer.Tests;

/// <summary>A fact that loads the kernel side: skipped, with the reason, where that cannot work.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class RequiresKernelFactAttribute : FactAttribute
{
    /// <summary>Why the kernel side cannot be loaded here; null where it can.</summary>
    internal static string? Missing { get; } = FindMissing();

    /// <param name="tools">Programs that the fact runs beside this one; <c>scripts/setup_env.sh --test</c> installs them.</param>
    public RequiresKernelFactAttribute(params string[] tools)
    {
        Tools = tools;
        Skip = Missing ?? tools.Where(tool => PathOf(tool) is null).Select(tool => $"{tool} not found").FirstOrDefault();
    }

    /// <summary>Programs that the fact runs beside this one.</summary>
    public IReadOnlyList<string> Tools { get; }

    /// <summary>Where a program is: in PATH, or where Debian keeps what is root's; null where it is not.</summary>
    public static string? PathOf(string tool) => $"{Environment.GetEnvironmentVariable("PATH")}:/usr/sbin:/sbin".Split(':')
        .Select(folder => Path.Combine(folder, tool)).FirstOrDefault(File.Exists);

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
