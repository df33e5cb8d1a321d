using System.Text.Json;
using CrossLayer.Host.Experiments;
using CrossLayer.Host.Files;

namespace CrossLayer.Host.Analysis;

/// <summary>Reads what is known of an experiment, and sees whether its recordings are there.</summary>
internal static class ExperimentReader
{
    /// <summary>The version of plans that this program knows.</summary>
    public const int PlanVersion = 1;

    private const string Version = "version";

    /// <summary>The labels, in the order of their names.</summary>
    /// <exception cref="InputException">There are none, the plan is another version's, or an episode is missing.</exception>
    public static IReadOnlyList<EpisodeLabel> ReadLabels(ExperimentFolder folder, CancellationToken cancellation)
    {
        CheckPlan(folder.Plan);
        var paths = Directory.EnumerateFiles(folder.Labels, "*.json").Order(StringComparer.Ordinal).ToList();
        if (paths.Count == 0)
            throw new InputException($"{folder.Labels} holds no labels; record them with crosslayer experiment");
        var labels = new List<EpisodeLabel>(paths.Count);
        foreach (var path in paths)
        {
            cancellation.ThrowIfCancellationRequested();
            var label = EpisodeLabel.Read(path);
            if (label.Episode != Path.GetFileNameWithoutExtension(path))
                throw new InputException($"{path} is the label of episode '{OneLine.Of(label.Episode)}'; expected '{Path.GetFileNameWithoutExtension(path)}'");
            if (!Directory.Exists(Path.Combine(folder.CrossLayer, label.Episode)))
                throw new InputException($"{path}: there is no episode {Path.Combine(folder.CrossLayer, label.Episode)}; record it again, or remove its label");
            labels.Add(label);
        }

        return labels;
    }

    private static void CheckPlan(string path)
    {
        try
        {
            using var plan = JsonDocument.Parse(File.ReadAllBytes(path));
            if (plan.RootElement.ValueKind != JsonValueKind.Object || !plan.RootElement.TryGetProperty(Version, out var version)
                || version.ValueKind != JsonValueKind.Number || !version.TryGetInt32(out var number))
                throw new InputException($"{path} has no {Version}; expected the plan of an experiment, {Version} {PlanVersion}");
            if (number != PlanVersion)
                throw new InputException($"{path} has {Version} {number}; this program analyses {Version} {PlanVersion}");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or JsonException)
        {
            throw new InputException($"{path}: {OneLine.Of(exception.Message)}; expected the plan of an experiment", exception);
        }
    }
}
