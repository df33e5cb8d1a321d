using CrossLayer.Actors.Requests;
using CrossLayer.Host.Analysis;
using CrossLayer.Host.Files;
using CrossLayer.Host.Tests.Files;
using CrossLayer.Probe;

namespace CrossLayer.Host.Tests.Analysis;

/// <summary>Makes episodes of recorded shapes of traffic, with the lab's addresses in the place of loopback's.</summary>
internal static class RecordedEpisode
{
    /// <summary>Writes the files of an episode.</summary>
    /// <param name="folder">Its folder; it is made.</param>
    /// <param name="shape">The shape's name.</param>
    /// <returns>What its client reports.</returns>
    public static IReadOnlyList<RequestRecord> Write(string folder, string shape)
    {
        Directory.CreateDirectory(folder);
        var recorded = Path.Combine(AppContext.BaseDirectory, "fixtures", "shapes", shape);
        var records = Records.ReadFile(RequestRecordJson.Kind, Path.Combine(recorded, "records.jsonl"));
        var server = records.First(record => record.Role == RequestRole.Server).Local!.Value;
        var client = records.Where(record => record.Role == RequestRole.Client).Select(Move).ToArray();
        Write(folder, EpisodeInput.ClientFile, RequestRecordJson.Kind, client);
        Write(folder, EpisodeInput.ServerFile, RequestRecordJson.Kind, [.. records.Where(record => record.Role == RequestRole.Server).Select(Move)]);
        Write(folder, EpisodeInput.KernelFile, KernelEventJson.Kind,
            [.. Records.ReadFile(KernelEventJson.Kind, Path.Combine(recorded, "ebpf_events.jsonl")).Select(MoveEvent)]);
        return client;

        Endpoint To(Endpoint endpoint) => endpoint with { Address = (endpoint == server ? Episode.Server : Episode.Client).Address };

        RequestRecord Move(RequestRecord record) => record with { Local = To(record.Local!.Value), Peer = To(record.Peer!.Value) };

        DatedKernelEvent MoveEvent(DatedKernelEvent dated)
        {
            if (dated.Event.IsOfKernel)
                (dated.Event.Local, dated.Event.Peer) = (To(dated.Event.Local), To(dated.Event.Peer));
            return dated;
        }
    }

    private static void Write<T>(string folder, string file, RecordKind<T> kind, T[] records)
    {
        using var writer = RecordWriter<T>.Create(Path.Combine(folder, file), kind);
        writer.Append(records);
    }
}
