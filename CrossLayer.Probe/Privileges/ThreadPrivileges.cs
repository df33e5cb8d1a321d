using System.Globalization;
using CrossLayer.Probe.Native;

namespace CrossLayer.Probe.Privileges;

/// <summary>The privileges of the calling thread: what execve(2) is going to carry over.</summary>
internal static unsafe class ThreadPrivileges
{
    /// <summary>
    /// Gives up every capability, for good: effective, permitted, inheritable, ambient and, where that is allowed, the
    /// bounding set; and no program that is executed later can gain any (PR_SET_NO_NEW_PRIVS).
    /// Under sudo also becomes the user who called: files that are written are his, and root without capabilities could not
    /// write into his folders. Else the user stays, as the files do.
    /// </summary>
    /// <param name="needed">Files that must be readable afterwards; if the caller's user could not read them, root stays root.</param>
    internal static void Drop(IEnumerable<string> needed)
    {
        BecomeCaller(needed);
        for (var capability = 0; LibC.prctl(LibC.DropBounding, capability, 0, 0, 0) == 0; capability++)
        {
            // Until the last one that this kernel knows, or at once where it is not allowed.
        }

        _ = LibC.prctl(LibC.Ambient, LibC.AmbientClearAll, 0, 0, 0);
        var header = new LibC.CapabilityHeader { Version = LibC.CapabilityVersion3 };
        var none = stackalloc LibC.CapabilitySet[2];
        none[0] = none[1] = default;
        if (LibC.syscall(LibC.Numbers.Capset, (nint)(&header), (nint)none, 0) != 0)
            throw new ProbeException("cannot give up capabilities; --keep-privileges goes on with them");
        if (LibC.prctl(LibC.NoNewPrivileges, 1, 0, 0, 0) != 0)
            throw new ProbeException("cannot renounce new privileges (PR_SET_NO_NEW_PRIVS); --keep-privileges goes on with them");
    }

    /// <summary>Raw system calls: those of libc change all threads, and one that is about to be ended need not know.</summary>
    private static void BecomeCaller(IEnumerable<string> needed)
    {
        if (Id("SUDO_UID") is not { } user || Id("SUDO_GID") is not { } group || user == 0 || !Environment.IsPrivilegedProcess)
            return;
        if (LibC.syscall(LibC.Numbers.Setresuid, -1, user, -1) != 0)
            return;
        var canRun = needed.All(file => LibC.faccessat(LibC.CurrentFolder, file, LibC.Readable, LibC.EffectiveIds) == 0);
        var groups = (uint)group;
        if (LibC.syscall(LibC.Numbers.Setresuid, -1, 0, -1) == 0 && canRun
            && LibC.syscall(LibC.Numbers.Setgroups, 1, (nint)(&groups), 0) == 0
            && LibC.syscall(LibC.Numbers.Setresgid, group, group, group) == 0)
            _ = LibC.syscall(LibC.Numbers.Setresuid, user, user, user);
    }

    private static nint? Id(string variable) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : null;
}
