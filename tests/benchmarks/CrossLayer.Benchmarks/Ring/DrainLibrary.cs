using System.Runtime.InteropServices;

namespace CrossLayer.Benchmarks.Ring;

/// <summary>drain.c, built by scripts/benchmark.sh.</summary>
internal static partial class DrainLibrary
{
    private const string Library = "drain";

    /// <summary>Where the script puts what it builds.</summary>
    internal static string Folder => Path.Combine(Reports.Machine.Root, "tests/benchmarks/CrossLayer.Benchmarks/obj/native");

    internal static string Object => Path.Combine(Folder, "fill.bpf.o");

    /// <summary>Both could be built.</summary>
    internal static bool IsHere => File.Exists(Object) && File.Exists(Path.Combine(Folder, "drain.so"));

    static DrainLibrary() => NativeLibrary.SetDllImportResolver(typeof(DrainLibrary).Assembly,
        (name, _, _) => name == Library ? NativeLibrary.Load(Path.Combine(Folder, "drain.so")) : 0);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int bench_open(string path);

    [LibraryImport(Library)]
    internal static partial long bench_fill(int runs);

    [LibraryImport(Library)]
    internal static partial long bench_drain();

    [LibraryImport(Library)]
    internal static partial void bench_close();
}
