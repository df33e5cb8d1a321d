using System.Diagnostics;
using System.Text.RegularExpressions;

namespace CrossLayer.Fuzz;

/// <summary>
/// Tries one target with its seeds and with mutations of them. An input that was refused in words not heard before is a seed for
/// others: it has come to another place in the decoder.
/// </summary>
/// <param name="target">The target.</param>
/// <param name="seed">All mutations follow from it.</param>
internal sealed partial class FuzzRun(FuzzTarget target, int seed)
{
    /// <summary>The longest time that one input may take. One that took longer is tried again before it is held against the decoder.</summary>
    public static readonly TimeSpan Slow = TimeSpan.FromSeconds(2);

    // An input that does not end by then is given up, and its target with it.
    private static readonly TimeSpan Endless = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(50);

    private const int MostSeeds = 1000;
    private const int MostFindings = 20;
    private const int StackBytes = 16 << 20;

    private readonly Lock _lock = new();
    private readonly List<Finding> _findings = [];
    private readonly HashSet<string> _seen = [];
    private readonly List<byte[]> _pool = [.. target.Seeds];
    private long _inputs;
    private long _accepted;
    private long _refused;
    private volatile byte[] _current = [];
    private long _startedAt;
    private volatile bool _isOver;

    /// <summary>Tries the seeds, then mutations.</summary>
    /// <param name="time">Until then.</param>
    /// <param name="mutations">And no more than so many.</param>
    public FuzzResult Run(TimeSpan time, long mutations = long.MaxValue)
    {
        _startedAt = Stopwatch.GetTimestamp();
        var worker = new Thread(() => TryAll(time, mutations), StackBytes) { IsBackground = true, Name = target.Name };
        worker.Start();
        while (!worker.Join(Look))
        {
            if (Stopwatch.GetElapsedTime(Volatile.Read(ref _startedAt)) <= Endless)
                continue;
            _isOver = true;
            Add(new Finding(target.Name, $"does not end within {Endless.TotalSeconds:0} s", _current));
            break;
        }

        lock (_lock)
            return new FuzzResult(target.Name, _inputs, _accepted, _refused, [.. _findings]);
    }

    /// <summary>Tries one input.</summary>
    public FuzzResult Reproduce(byte[] input)
    {
        _pool.Clear();
        _pool.Add(input);
        return Run(TimeSpan.Zero, 0);
    }

    private void TryAll(TimeSpan time, long mutations)
    {
        var watch = Stopwatch.StartNew();
        var mutator = new Mutator(new Random(seed), target.Tokens);
        foreach (var input in _pool.ToArray())
            Try(input);
        for (var i = 0L; i < mutations && !_isOver && watch.Elapsed < time; i++)
            Try(mutator.Mutate(_pool));
    }

    private void Try(byte[] input)
    {
        _current = input;
        Volatile.Write(ref _startedAt, Stopwatch.GetTimestamp());
        var took = Time(input, out var allocated);
        if (took > Slow && Time(input, out allocated) is var again && again > Slow)
            Add(new Finding(target.Name, $"takes {again.TotalSeconds:0.0} s", input));
        if (allocated > target.MostAllocated)
            Add(new Finding(target.Name, $"allocates {allocated >> 20} MiB for {input.Length} bytes", input));
        Interlocked.Increment(ref _inputs);
    }

    private TimeSpan Time(byte[] input, out long allocated)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        var start = Stopwatch.GetTimestamp();
        Hear(input);
        allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        return Stopwatch.GetElapsedTime(start);
    }

    private void Hear(byte[] input)
    {
        try
        {
            var refusal = target.Try(input);
            Interlocked.Increment(ref refusal is null ? ref _accepted : ref _refused);
            if (refusal is not null && _pool.Count < MostSeeds && _seen.Add(Values().Replace(refusal, "")))
                _pool.Add(input);
        }
#pragma warning disable CA1031 // that it may be any is the point
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Add(new Finding(target.Name, exception.ToString(), input));
        }
    }

    // One of each kind: the same exception from the same line is the same mistake.
    private void Add(Finding finding)
    {
        lock (_lock)
        {
            var place = finding.What.Split('\n').FirstOrDefault(line => line.Contains("at CrossLayer.", StringComparison.Ordinal));
            if (_findings.Count < MostFindings && _seen.Add($"{Values().Replace(finding.Summary.Split(':')[0], "")}{place}"))
                _findings.Add(finding);
        }
    }

    [GeneratedRegex("""["'].*["']|[^A-Za-z ]""")]
    private static partial Regex Values();
}
