using CrossLayer.Probe.Native;

namespace CrossLayer.Probe;

/// <summary>A control group of the default hierarchy (cgroup v2), as the kernel knows it.</summary>
/// <param name="Id">Its inode in the hierarchy's file system.</param>
/// <param name="Level">How far below the root it is.</param>
public readonly record struct ControlGroup(ulong Id, int Level)
{
    private const ulong RootInode = 1;

    /// <summary>The group of a folder, such as <c>/sys/fs/cgroup/system.slice/nginx.service</c>.</summary>
    /// <exception cref="ProbeException">It is no such folder, or the hierarchy's root is out of sight.</exception>
    public static ControlGroup Of(string folder)
    {
        ArgumentNullException.ThrowIfNull(folder);
        var path = Path.GetFullPath(folder).TrimEnd('/');
        if (!Directory.Exists(path))
            throw new ProbeException($"control group {folder}: there is no such folder");
        if (!LibC.IsControlGroup(path))
            throw new ProbeException($"control group {folder}: no folder of a cgroup2 file system; they are mounted at /sys/fs/cgroup, or at /sys/fs/cgroup/unified");
        var level = 0;
        for (var at = path; LibC.InodeOf(at) != RootInode; at = Path.GetDirectoryName(at)!, level++)
            if (at.Length <= 1 || !LibC.IsControlGroup(Path.GetDirectoryName(at)!))
                throw new ProbeException($"control group {folder}: the hierarchy's root is not mounted here, so that nobody can tell how deep the group is");
        return new ControlGroup(LibC.InodeOf(path), level);
    }
}
