using System.ComponentModel;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using CliWrap;
using CrossLayer.Probe;

namespace CrossLayer.Host.Lab;

/// <summary>A host of the lab: a network of its own, by name.</summary>
internal sealed class LabNamespace(LabNamespaceName name)
{
    private const int CloneNewNet = 0x40000000;

    /// <summary>By which <c>ip -n</c> knows it.</summary>
    public string Name { get; } = name.ToString();

    /// <summary>
    /// Runs on a thread of its own that is in this namespace and ends with the call. A socket stays in the namespace in which
    /// it was made, so it may be used anywhere afterwards; what a continuation of <paramref name="make"/> makes is outside.
    /// </summary>
    /// <exception cref="LabException">The namespace is gone or cannot be entered. What <paramref name="make"/> throws is thrown as it is.</exception>
    public T RunIn<T>(Func<T> make)
    {
        var made = default(T);
        ExceptionDispatchInfo? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                Enter();
                made = make();
            }
#pragma warning disable CA1031 // thrown again below, in the caller's thread
            catch (Exception exception)
#pragma warning restore CA1031
            {
                failure = ExceptionDispatchInfo.Capture(exception);
            }
        })
        {
            IsBackground = true,
            Name = Name,
        };
        thread.Start();
        thread.Join();
        failure?.Throw();
        return made!;
    }

    /// <summary>By which kernel events know it (SO_NETNS_COOKIE, Linux 5.14).</summary>
    /// <exception cref="LabException">The kernel does not tell.</exception>
    public ulong Cookie() => RunIn(() =>
    {
        try
        {
            return NetnsCookie.Own();
        }
        catch (ProbeException exception)
        {
            throw new LabException($"{Name}: {exception.Message}", exception);
        }
    });

    /// <summary>Runs ip with this namespace's network.</summary>
    /// <exception cref="LabException">It failed.</exception>
    public Task<string> IpAsync(IEnumerable<string> arguments, CancellationToken cancellation = default) =>
        LabTool.RunAsync("ip", ["-n", Name, .. arguments], cancellation: cancellation);

    /// <summary>Runs a tool in this namespace.</summary>
    /// <param name="input">What it reads from its standard input.</param>
    /// <exception cref="LabException">It failed.</exception>
    public Task<string> ExecAsync(
        string tool, IEnumerable<string> arguments, string input = "", CancellationToken cancellation = default) =>
        LabTool.RunAsync("ip", ["netns", "exec", Name, LabTool.PathOf(tool) ?? tool, .. arguments], input, cancellation);

    /// <summary>Starts a program in this namespace, to be ended by whoever started it.</summary>
    /// <param name="onLine">Receives each line that it prints, be it output or error.</param>
    /// <param name="input">What it reads from its standard input; null for nothing.</param>
    public LabProcess Start(string program, IEnumerable<string> arguments, Action<string>? onLine = null, PipeSource? input = null) =>
        LabProcess.Start(this, program, arguments, onLine, input);

    /// <summary>A setting of this namespace's network.</summary>
    /// <param name="key">Below /proc/sys/net, such as <c>ipv4/ip_forward</c>.</param>
    /// <exception cref="LabException">It cannot be read.</exception>
    public string ReadSetting(string key) => Setting(key, path => File.ReadAllText(path).Trim());

    /// <summary>Changes a setting of this namespace's network; the machine's own stays as it is.</summary>
    /// <param name="key">Below /proc/sys/net, such as <c>ipv4/ip_forward</c>.</param>
    /// <exception cref="LabException">It cannot be written.</exception>
    public void WriteSetting(string key, string value) => Setting(key, path =>
    {
        File.WriteAllText(path, value);
        return value;
    });

    private T Setting<T>(string key, Func<string, T> use)
    {
        var path = $"/proc/sys/net/{key}";
        try
        {
            return RunIn(() => use(path));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new LabException($"{path} in {Name}: {exception.Message}", exception);
        }
    }

    private void Enter()
    {
        try
        {
            using var file = File.OpenHandle(Path.Combine(LabNamespaceName.Folder, Name));
            if (SetNamespace(file.DangerousGetHandle().ToInt32(), CloneNewNet) != 0)
                throw new Win32Exception();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or Win32Exception)
        {
            throw new LabException($"namespace {Name} cannot be entered: {exception.Message}", exception);
        }
    }

    [DllImport("libc", EntryPoint = "setns", SetLastError = true), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SetNamespace(int file, int kind);
}
