using CrossLayer.Actors.Correlations;
using CrossLayer.Actors.Graph;
using CrossLayer.Actors.Requests;
using CrossLayer.Host.Files;
using CrossLayer.Probe;

namespace CrossLayer.Host.Analysis;

/// <summary>Reads what detectors may see of an episode, and nothing else, and correlates it: both ends together, and each by itself.</summary>
/// <param name="correlator">Correlates.</param>
/// <param name="client">The address of the client's host.</param>
/// <param name="server">The address of the server's host.</param>
internal sealed class EpisodeReader(OfflineCorrelator correlator, NetworkAddress client, NetworkAddress server)
{
    /// <summary>Reads what applications reported of an episode.</summary>
    /// <param name="folder">The episode's folder; two files of it are opened.</param>
    /// <exception cref="InputException">One of the files is missing, or cannot be used.</exception>
    public static EpisodeRecords ReadRecords(string folder)
    {
        ArgumentNullException.ThrowIfNull(folder);
        return new EpisodeRecords
        {
            Name = Path.GetFileName(Path.TrimEndingDirectorySeparator(folder)),
            ClientRecords = Read(folder, EpisodeInput.ClientFile, RequestRecordJson.Kind),
            ServerRecords = Read(folder, EpisodeInput.ServerFile, RequestRecordJson.Kind),
        };
    }

    /// <summary>Reads an episode, and writes what the layers add up to beside it (<see cref="EpisodeInput.CorrelationFile"/>).</summary>
    /// <param name="folder">The episode's folder; three files of it are opened.</param>
    /// <param name="cancellation">Leaves it.</param>
    /// <exception cref="InputException">One of the files is missing, or cannot be used.</exception>
    public async Task<EpisodeInput> ReadAsync(string folder, CancellationToken cancellation = default)
    {
        var records = ReadRecords(folder);
        var events = Read(folder, EpisodeInput.KernelFile, KernelEventJson.Kind);
        var kernel = HostEvents.Of(events, client, server);
        var both = await CorrelateAsync(kernel, [records.ClientRecords, records.ServerRecords], cancellation);
        Write(Path.Combine(folder, EpisodeInput.CorrelationFile), both, kernel);
        return new EpisodeInput
        {
            Name = records.Name,
            ClientRecords = records.ClientRecords,
            ServerRecords = records.ServerRecords,
            KernelEvents = kernel,
            Correlations = both,
            ClientEndCorrelations = await CorrelateAsync(HostEvents.Of(kernel, client), [records.ClientRecords], cancellation),
            ServerEndCorrelations = await CorrelateAsync(HostEvents.Of(kernel, server), [records.ServerRecords], cancellation),
        };
    }

    private static List<T> Read<T>(string folder, string file, RecordKind<T> kind)
    {
        using var reader = RecordReader<T>.Open(Path.Combine(folder, file), kind);
        return [.. reader.ReadAll()];
    }

    private static void Write(string path, IReadOnlyList<Correlation> correlations, IReadOnlyList<DatedKernelEvent> events)
    {
        using var writer = CorrelationWriter.Create(path);
        writer.Append([.. correlations]);
        writer.SetLostEvents(events.Sum(dated => (long)dated.Event.LostEvents));
        writer.SetKernelEvidence(events.Any(dated => dated.Event.IsOfKernel) ? null : $"{EpisodeInput.KernelFile} holds nothing that a kernel saw at these hosts");
    }

    private async Task<IReadOnlyList<Correlation>> CorrelateAsync(
        IReadOnlyList<DatedKernelEvent> events, IReadOnlyList<IReadOnlyList<RequestRecord>> records, CancellationToken cancellation)
    {
        var correlations = new List<Correlation>();
        await correlator.RunAsync(
            events.Select(dated => (dated.Event, dated.UnixNs)), [.. records.Select(RecordSource.Of)], batch => correlations.AddRange(batch.Correlations), cancellation);
        cancellation.ThrowIfCancellationRequested();
        return correlations;
    }
}
