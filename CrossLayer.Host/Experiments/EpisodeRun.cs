using System.Globalization;
using CrossLayer.Actors.Requests;
using CrossLayer.Host.Analysis;
using CrossLayer.Host.Files;
using CrossLayer.Host.Lab;
using CrossLayer.Host.Lab.Traffic;

namespace CrossLayer.Host.Experiments;

/// <summary>Runs one episode in a lab: traffic, with faults for a part of its time, and the files that tell of it.</summary>
/// <param name="session">The lab.</param>
/// <param name="recorder">What the kernel sees; null where nobody looks.</param>
internal sealed class EpisodeRun(LabSession session, EventRecorder? recorder)
{
    // Behind the last connection's end: what the kernel has yet to say of it.
    private static readonly TimeSpan Settle = TimeSpan.FromMilliseconds(300);

    /// <summary>Runs an episode. What is cancelled leaves no file, and nothing in force.</summary>
    /// <param name="plan">What is to happen.</param>
    /// <param name="folder">Where what detectors may see goes.</param>
    /// <param name="cancellation">Ends it early.</param>
    /// <returns>What is known of it.</returns>
    /// <exception cref="LabException">A fault could not be injected, or it is not known what it met.</exception>
    public async Task<EpisodeLabel> RunAsync(EpisodePlan plan, string folder, CancellationToken cancellation)
    {
        var part = $"{folder}.part";
        if (Directory.Exists(part))
            Directory.Delete(part, recursive: true);
        Directory.CreateDirectory(part);
        try
        {
            var label = await RecordAsync(plan, part, cancellation);
            if (Directory.Exists(folder))
                Directory.Delete(folder, recursive: true);
            Directory.Move(part, folder);
            return label;
        }
        catch
        {
            Directory.Delete(part, recursive: true);
            throw;
        }
    }

    private async Task<EpisodeLabel> RecordAsync(EpisodePlan plan, string folder, CancellationToken cancellation)
    {
        session.Oracle.Take();
        await session.CheckAsync();
        if (recorder is not null)
            await recorder.TakeAsync(cancellation);
        await session.Handshakes.BeginAsync(cancellation);
        await session.Server.RecordAsync(Path.Combine(folder, EpisodeInput.ServerFile), cancellation);
        var injected = await TrafficAsync(plan, folder, cancellation);
        var atServer = await session.Server.EndRecordAsync(CancellationToken.None);
        await Task.Delay(Settle, cancellation);

        if (recorder is not null)
        {
            var seen = await recorder.TakeAsync(cancellation);
            using var events = RecordWriter<DatedKernelEvent>.Create(Path.Combine(folder, EpisodeInput.KernelFile), KernelEventJson.Kind);
            events.Append([.. seen]);
        }

        var sent = session.Oracle.Take();
        var handshakes = await session.Handshakes.ReadAsync(cancellation);
        return new EpisodeLabel
        {
            Episode = plan.Name,
            Kind = plan.Kind,
            Faults = [.. injected.Select(fault => fault.Label)],
            Requests = RequestLabels.Of(sent, injected, new TouchMap(LabSession.Port, handshakes, sent), atServer.ToHashSet()),
        };
    }

    /// <summary>Users ask all the time; faults are put in force among them, and lifted.</summary>
    private async Task<IReadOnlyList<InjectedFault>> TrafficAsync(EpisodePlan plan, string folder, CancellationToken cancellation)
    {
        using var clientFile = RecordWriter<RequestRecord>.Create(Path.Combine(folder, EpisodeInput.ClientFile), RequestRecordJson.Kind);
        session.Oracle.Reported += Report;
        using var end = new CancellationTokenSource();
        var users = session.Client.RunAsync(LabClient.Ordinary, new Random(plan.Seed), end.Token);
        var armed = new List<(Scenario Scenario, Intensity Intensity, long UnixNs, ArmedFault Fault)>();
        var injected = new List<InjectedFault>();
        try
        {
            await Task.Delay(plan.QuietMs, cancellation);
            foreach (var fault in plan.Faults)
            {
                var scenario = ScenarioCatalog.Of(fault.Scenario);
                armed.Add((scenario, fault.Intensity, UnixTime.NowNs(), await scenario.ArmAsync(session.Setup, fault.Intensity, CancellationToken.None)));
            }

            await Task.Delay(plan.HoldMs, cancellation);
        }
        finally
        {
            // Lifted whatever happens: the next episode begins without any.
            foreach (var (scenario, intensity, unixNs, fault) in armed)
                injected.Add(new InjectedFault(scenario, Labelled(scenario, intensity, unixNs, await fault.LiftAsync(CancellationToken.None)), fault.Touched));
            if (!cancellation.IsCancellationRequested)
                await Task.WhenAny(Task.Delay(plan.AfterMs, CancellationToken.None), Cancelled(cancellation));
            await end.CancelAsync();
            await users;
            session.Oracle.Reported -= Report;
        }

        cancellation.ThrowIfCancellationRequested();
        return injected;

        void Report(RequestRecord record) => clientFile.Append(record);
    }

    private static Task Cancelled(CancellationToken cancellation) => Task.Delay(Timeout.Infinite, cancellation);

    private static FaultLabel Labelled(Scenario scenario, Intensity intensity, long armedUnixNs, FaultEvidence evidence) => new()
    {
        Scenario = scenario.Name,
        Family = scenario.Family,
        Cause = scenario.Cause,
        Intensity = intensity,
        ArmedUnixNs = armedUnixNs,
        LiftedUnixNs = UnixTime.NowNs(),
        Applied = evidence.Applied,
        Proof = string.Join("; ", evidence.Others.Prepend(evidence.Proof).Select(reading =>
            string.Create(CultureInfo.InvariantCulture, $"{reading.Source}: {reading.Name} {reading.Value}"))),
    };
}
