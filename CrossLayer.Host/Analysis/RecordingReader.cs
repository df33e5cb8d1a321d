using CrossLayer.Host.Analysis.Measures;
using CrossLayer.Host.Files;

namespace CrossLayer.Host.Analysis;

/// <summary>Reads recordings for their plain figures alone.</summary>
internal static class RecordingReader
{
    /// <summary>The figures of a folder with request records and, where they are there, kernel events and correlations.</summary>
    /// <exception cref="InputException">It has no records, or a file cannot be used.</exception>
    public static EpisodeMetrics Read(string folder, CancellationToken cancellation)
    {
        var client = Find(folder, EpisodeInput.ClientFile);
        var records = client ?? Find(folder, EpisodeInput.ServerFile)
            ?? throw new InputException($"{folder} holds neither labels of an experiment nor {EpisodeInput.ClientFile} nor {EpisodeInput.ServerFile}");
        return EpisodeMetrics.Of(
            [.. ReadAll(records, RequestRecordJson.Kind, cancellation)],
            Find(folder, EpisodeInput.KernelFile) is { } events ? ReadAll(events, KernelEventJson.Kind, cancellation) : [],
            Find(folder, EpisodeInput.CorrelationFile) is { } correlations ? ReadAll(correlations, CorrelationJson.Kind, cancellation) : null);
    }

    // Each file may be an array or lines.
    private static string? Find(string folder, string file) =>
        ((string[])[file, Path.ChangeExtension(file, ".jsonl")]).Select(name => Path.Combine(folder, name)).FirstOrDefault(File.Exists);

    private static IEnumerable<T> ReadAll<T>(string path, RecordKind<T> kind, CancellationToken cancellation)
    {
        using var reader = RecordReader<T>.Open(path, kind);
        foreach (var record in reader.ReadAll())
        {
            cancellation.ThrowIfCancellationRequested();
            yield return record;
        }
    }
}
