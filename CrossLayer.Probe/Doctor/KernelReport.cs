using System.Globalization;
using System.Runtime.InteropServices;
using CrossLayer.Probe.Clock;
using CrossLayer.Probe.Hooks;
using CrossLayer.Probe.Native;
using CrossLayer.Probe.Privileges;

namespace CrossLayer.Probe.Doctor;

/// <summary>What this kernel and these privileges allow. Looks, changes nothing that stays, and never throws.</summary>
public static class KernelReport
{
    // bpf_get_socket_cookie in tracing programs and a net_cookie in each namespace (both Linux 5.12) are the youngest
    // things that the programs cannot do without; the ring buffer alone would be content with 5.8.
    private static readonly Version Floor = new(5, 12);

    /// <summary>Every check, in the order in which one leads to the next. Where privileges allow, the probe is really loaded, attached and removed.</summary>
    public static IReadOnlyList<KernelCheck> Gather(HookChoice choice = HookChoice.Auto)
    {
        var checks = new List<KernelCheck> { Kernel(), Btf(), LockdownMode(), Tracefs(), Privileges(), Memlock(), Jit(), Libbpf() };
        checks.AddRange(Hooks(checks, choice));
        checks.Add(ClockQuality());
        return checks;
    }

    private static KernelCheck Kernel()
    {
        var release = Read("/proc/sys/kernel/osrelease") ?? "unknown";
        var digits = new string([.. release.TakeWhile(c => char.IsDigit(c) || c == '.')]).Trim('.');
        var found = $"{release} on {RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant()}";
        return Version.TryParse(digits, out var version) && version >= Floor
            ? new KernelCheck("kernel", CheckStatus.Ok, found)
            : new KernelCheck("kernel", CheckStatus.No, found, $"run Linux {Floor} or later");
    }

    private static KernelCheck Btf() => File.Exists("/sys/kernel/btf/vmlinux")
        ? new KernelCheck("BTF", CheckStatus.Ok, "/sys/kernel/btf/vmlinux")
        : new KernelCheck("BTF", CheckStatus.No, "no /sys/kernel/btf/vmlinux", "run a kernel built with CONFIG_DEBUG_INFO_BTF, as Debian's are");

    private static KernelCheck LockdownMode() => Lockdown.Mode() switch
    {
        null => new KernelCheck("lockdown", CheckStatus.Ok, "not to be seen: securityfs is not mounted, or the kernel has none"),
        "confidentiality" => new KernelCheck(
            "lockdown", CheckStatus.No, "confidentiality", "boot without lockdown=confidentiality: it forbids reading kernel memory from BPF"),
        var mode => new KernelCheck("lockdown", CheckStatus.Ok, mode),
    };

    private static KernelCheck Tracefs() => File.Exists("/sys/kernel/tracing/available_events")
        ? new KernelCheck("tracefs", CheckStatus.Ok, "/sys/kernel/tracing")
        : new KernelCheck("tracefs", CheckStatus.Ok, "not mounted, or not readable; the probe does not need it");

    private static KernelCheck Privileges()
    {
        if (Capabilities.Held() is not { } held)
            return new KernelCheck("capabilities", CheckStatus.Limited, "cannot be read from /proc/self/status", "mount /proc");
        var found = held.Count == 0 ? "none of those needed" : string.Join(", ", held);
        return Capabilities.Suffice(held)
            ? new KernelCheck("capabilities", CheckStatus.Ok, found)
            : new KernelCheck("capabilities", CheckStatus.No, found, "run as root, or with CAP_BPF and CAP_PERFMON");
    }

    /// <summary>Kernels of our floor charge BPF memory to the memory cgroup, and no longer to RLIMIT_MEMLOCK (Linux 5.11).</summary>
    private static KernelCheck Memlock()
    {
        const string name = "Max locked memory";
        var limit = Read("/proc/self/limits")?.Split('\n').FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal));
        return new KernelCheck("memlock", CheckStatus.Ok, limit is null
            ? "cannot be read; not needed since Linux 5.11"
            : $"{string.Join(' ', limit[name.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries).Take(1))} bytes; not needed since Linux 5.11");
    }

    private static KernelCheck Jit() => Read("/proc/sys/net/core/bpf_jit_enable") switch
    {
        null => new KernelCheck("BPF JIT", CheckStatus.Ok, "cannot be read"),
        "0" => new KernelCheck("BPF JIT", CheckStatus.Limited, "off: each event costs more", "sysctl net.core.bpf_jit_enable=1"),
        _ => new KernelCheck("BPF JIT", CheckStatus.Ok, "on"),
    };

    private static unsafe KernelCheck Libbpf()
    {
        try
        {
            var version = Marshal.PtrToStringUTF8((nint)LibBpf.libbpf_version_string()) ?? "unknown";
            return new KernelCheck("libbpf", CheckStatus.Ok, version);
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException)
        {
            return new KernelCheck("libbpf", CheckStatus.No, "no usable libbpf.so.1", "install libbpf 1.x (Debian: apt-get install libbpf1)");
        }
    }

    private static IEnumerable<KernelCheck> Hooks(List<KernelCheck> before, HookChoice choice)
    {
        if (before.Any(check => check.Status == CheckStatus.No))
            return [new KernelCheck("hooks", CheckStatus.No, "not tried: something above is missing", "mend what is above")];
        try
        {
            using var programs = ProgramLoader.Load(new ProbeOptions { RingBytes = (uint)Environment.SystemPageSize, Hooks = choice });
            return [.. programs.Statuses.Select(ToCheck)];
        }
        catch (ProbeException e)
        {
            return [new KernelCheck("hooks", CheckStatus.No, e.Message, "see the message; the checks above say what is missing")];
        }
    }

    private static KernelCheck ToCheck(HookStatus hook)
    {
        var found = hook.ToString()[(hook.Event.Length + 2)..];
        return hook switch
        {
            { Missing: not null } => new KernelCheck(hook.Event, hook.Need == HookNeed.Required ? CheckStatus.No : CheckStatus.Limited, found, MendOf(hook.Need)),
            { Limit: not null } => new KernelCheck(hook.Event, CheckStatus.Limited, found, "a later kernel tells all"),
            _ => new KernelCheck(hook.Event, CheckStatus.Ok, found),
        };
    }

    private static string MendOf(HookNeed need) => need switch
    {
        HookNeed.Verdict => "use a kernel that has one of these; until then no request is called healthy",
        HookNeed.Detail => "use a kernel that has one of these; until then some causes go unnamed",
        _ => "use a kernel that has one of these",
    };

    private static KernelCheck ClockQuality()
    {
        var samples = Enumerable.Range(0, 8).Select(_ => KernelClock.SampleOffset()).ToList();
        var error = samples.Max(sample => sample.ErrorNs);
        var spread = samples.Max(sample => sample.OffsetNs) - samples.Min(sample => sample.OffsetNs);
        var found = string.Create(CultureInfo.InvariantCulture, $"wall and monotonic time within {error} ns, spread {spread} ns over {samples.Count} samples");
        return spread < ClockHistory.ToleranceNs
            ? new KernelCheck("clock", CheckStatus.Ok, found)
            : new KernelCheck("clock", CheckStatus.Limited, found, "the wall clock is being stepped: look at the time service");
    }

    private static string? Read(string path)
    {
        try
        {
            return File.ReadAllText(path).Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
