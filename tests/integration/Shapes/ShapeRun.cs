using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using CrossLayer.Actors.Correlations;
using CrossLayer.Actors.Requests;
using CrossLayer.Host.Files;
using CrossLayer.Integration.Tests.Loss;
using CrossLayer.Probe;
using CrossLayer.Tests.Shapes;

namespace CrossLayer.Integration.Tests.Shapes;

/// <summary>A script that was played once under the probe; what was seen of it is correlated for each kind of reporter.</summary>
internal sealed class ShapeRun
{
    private static readonly ConcurrentDictionary<string, Lazy<Task<ShapeRun>>> Runs = new();

    private readonly string _name;
    private readonly IReadOnlyList<DatedKernelEvent> _events;
    private readonly IReadOnlyList<RequestRecord> _records;
    private readonly Dictionary<Reporters, IReadOnlyList<Correlation>> _asserted = [];

    private ShapeRun(string name, IReadOnlyList<DatedKernelEvent> events, ShapeScript script) =>
        (_name, _events, _records, Requests) = (name, events, [.. script.Records], script.Requests);

    /// <summary>True if runs are to be kept as fixtures (tests/fixtures/README.md).</summary>
    internal static bool IsRecording { get; } = Environment.GetEnvironmentVariable("CROSSLAYER_RECORD_SHAPES") == "1";

    /// <summary>What the script asked, in order.</summary>
    internal IReadOnlyList<ScriptedRequest> Requests { get; }

    /// <summary>Plays a shape, unless another test has.</summary>
    /// <param name="name">The shape's, and its fixture's.</param>
    /// <param name="play">The script.</param>
    /// <param name="before">Its part before the probe starts.</param>
    internal static Task<ShapeRun> OfAsync(string name, Action<ShapeScript> play, Action<ShapeScript>? before = null) =>
        Runs.GetOrAdd(name, _ => new Lazy<Task<ShapeRun>>(() => PlayAsync(name, null, play, before))).Value;

    /// <summary>Plays a shape between two hosts, on a path that is made for it.</summary>
    internal static async Task<ShapeRun> OfAsync(string name, Action<ShapeScript, LossyPath> play)
    {
        await using var path = await LossyPath.CreateAsync();
        return await PlayAsync(name, path, script => play(script, path), null);
    }

    /// <summary>Correlates what the reporters report, and asserts; a fixture is made of what was found right.</summary>
    internal async Task AssertAsync(Reporters reporters, Action<IReadOnlyList<Correlation>> assert, params string[] expectedSlowRoutes)
    {
        var correlations = await ShapePipeline.RunAsync(
            _events.Select(dated => (dated.Event, dated.UnixNs)), [.. _records.Where(record => reporters.Include(record.Role))], expectedSlowRoutes);
        try
        {
            assert(correlations);
        }
        catch (Xunit.Sdk.XunitException e)
        {
            throw new Xunit.Sdk.XunitException(
                $"{_name}, reported by {reporters}: {e.Message}\n{string.Join('\n', ShapeFixture.Lines(correlations))}\n"
                + string.Join('\n', correlations.Select(c => $"{c.RequestId}: {c.Finding.Reason}")), e);
        }

        if (!IsRecording)
            return;
        _asserted[reporters] = correlations;
        new ShapeFixture(FolderOf(_name)).Write(_events, _records, expectedSlowRoutes, _asserted);
    }

    private static async Task<ShapeRun> PlayAsync(string name, LossyPath? path, Action<ShapeScript> play, Action<ShapeScript>? before)
    {
        using var script = new ShapeScript(path);
        before?.Invoke(script);
        await using var watch = ShapeWatch.Start(script.Port);
        if (script.Connections is > 0 and var older)
            await watch.WaitForAsync(events => events.Count(e => e.Type == KernelEventType.State) >= 2 * older);
        play(script);
        script.Dispose();
        await watch.WaitForAsync(events => Ended(events) >= 2 * script.Connections);
        return new ShapeRun(name, await watch.StopAsync(), script);
    }

    /// <summary>Sockets that are gone; one that was reset by its own side no longer has a peer when it goes, and only its state tells.</summary>
    private static int Ended(IReadOnlyList<KernelEvent> events) => events
        .Where(e => e.Type == KernelEventType.Close || (e.Type == KernelEventType.State && e.NewState == TcpState.Close))
        .Select(e => e.SocketCookie).Distinct().Count();

    private static string FolderOf(string name, [CallerFilePath] string source = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(source)!, "..", "..", "fixtures", "shapes", name));
}
