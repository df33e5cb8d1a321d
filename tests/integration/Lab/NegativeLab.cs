using CrossLayer.Actors.Correlations;
using CrossLayer.Actors.Requests;
using CrossLayer.Host.Analysis;
using CrossLayer.Host.Experiments;
using CrossLayer.Host.Files;
using CrossLayer.Host.Lab;
using CrossLayer.Probe;
using CrossLayer.Tests.Shapes;

namespace CrossLayer.Integration.Tests.Lab;

/// <summary>A lab and a probe for one negative after the other, as an experiment has them; made when the first is played.</summary>
public sealed class NegativeLab : IAsyncLifetime
{
    private const int QuietMs = 500;
    private const int AfterMs = 500;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("crosslayer-negatives-");
    private LabSession? _session;
    private EventRecorder? _recorder;

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        if (_recorder is not null)
            await _recorder.DisposeAsync();
        if (_session is not null)
            await _session.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    /// <summary>Plays an episode of a negative, as hard as experiments have it, and correlates what was recorded.</summary>
    internal async Task<(EpisodeLabel Label, IReadOnlyList<Correlation> Correlations)> PlayAsync(Negative negative)
    {
        _session ??= await LabSession.StartAsync(CancellationToken.None);
        _recorder ??= new EventRecorder(KernelProbe.Start(new ProbeOptions { Filter = new ProbeFilter { Ports = LabSession.Ports } }), _session.Ends());
        var path = Path.Combine(_folder.FullName, negative.Name);
        var label = await new EpisodeRun(_session, _recorder).RunAsync(
            new EpisodePlan
            {
                Number = 1,
                Kind = EpisodeKind.Negative,
                Faults = [new PlannedFault(negative.Name, Intensity.Medium)],
                Seed = 1,
                QuietMs = QuietMs,
                HoldMs = (int)negative.Hold.TotalMilliseconds,
                AfterMs = AfterMs,
            },
            path, CancellationToken.None);
        var events = Read(Path.Combine(path, EpisodeInput.KernelFile), KernelEventJson.Kind);
        RequestRecord[] records =
        [
            .. Read(Path.Combine(path, EpisodeInput.ClientFile), RequestRecordJson.Kind),
            .. Read(Path.Combine(path, EpisodeInput.ServerFile), RequestRecordJson.Kind),
        ];
        return (label, await ShapePipeline.RunAsync(events.Select(dated => (dated.Event, dated.UnixNs)), records, []));
    }

    private static List<T> Read<T>(string path, RecordKind<T> kind)
    {
        using var reader = RecordReader<T>.Open(path, kind);
        return [.. reader.ReadAll()];
    }
}
