using System.Globalization;

namespace CrossLayer.Host.Lab;

/// <summary>
/// The process that a lab belongs to. Ids of processes are used again: only together with its start is one told from the
/// next.
/// </summary>
/// <param name="Pid">Its id.</param>
/// <param name="StartTicks">When it started, in clock ticks since the machine did (proc(5), stat, field 22).</param>
internal readonly record struct LabOwner(int Pid, long StartTicks)
{
    /// <summary>This process.</summary>
    public static LabOwner Current { get; } = new(Environment.ProcessId, StartTicksOf(Environment.ProcessId)
        ?? throw new LabException("/proc/self/stat cannot be read: mount /proc"));

    /// <summary>Whether it still runs; a process that is dead and not yet waited for does not.</summary>
    public bool IsAlive => StartTicksOf(Pid) == StartTicks;

    private static long? StartTicksOf(int pid)
    {
        try
        {
            var stat = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/stat"));
            // The name, in brackets, may contain anything; the state is what follows it, as field 3.
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return fields[0] is "Z" or "X" ? null : long.Parse(fields[22 - 3], CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return null;
        }
    }
}
