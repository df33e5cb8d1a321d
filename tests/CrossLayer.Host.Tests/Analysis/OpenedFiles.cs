using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace CrossLayer.Host.Tests.Analysis;

/// <summary>What is opened in folders while this is there, by inotify(7).</summary>
internal sealed partial class OpenedFiles : IDisposable
{
    private const uint Open = 0x20; // IN_OPEN
    private const int NonBlocking = 0x800; // IN_NONBLOCK
    private const int HeaderLength = 16;

    private readonly Dictionary<int, string> _folders = [];
    private readonly SafeFileHandle _handle = new(inotify_init1(NonBlocking), ownsHandle: true);

    public OpenedFiles(params string[] folders)
    {
        foreach (var folder in folders)
        {
            var watch = inotify_add_watch(_handle, folder, Open);
            Assert.True(watch > 0, $"cannot watch {folder}: errno {Marshal.GetLastPInvokeError()}");
            _folders.Add(watch, folder);
        }
    }

    /// <summary>The paths that were opened since the last time, in ordinal order; a folder itself is its own path.</summary>
    public IReadOnlyList<string> Read()
    {
        var opened = new SortedSet<string>(StringComparer.Ordinal);
        var buffer = new byte[64 * 1024];
        while ((int)read(_handle, buffer, (nuint)buffer.Length) is > 0 and var count)
        {
            for (var at = 0; at < count;)
            {
                var watch = BinaryPrimitives.ReadInt32LittleEndian(buffer.AsSpan(at));
                var length = BinaryPrimitives.ReadInt32LittleEndian(buffer.AsSpan(at + 12));
                var name = Encoding.UTF8.GetString(buffer, at + HeaderLength, length).TrimEnd('\0');
                opened.Add(name.Length == 0 ? _folders[watch] : Path.Combine(_folders[watch], name));
                at += HeaderLength + length;
            }
        }

        return [.. opened];
    }

    public void Dispose() => _handle.Dispose();

    [LibraryImport("libc", SetLastError = true)]
    private static partial int inotify_init1(int flags);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int inotify_add_watch(SafeFileHandle handle, string path, uint mask);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint read(SafeFileHandle handle, byte[] buffer, nuint length);
}
