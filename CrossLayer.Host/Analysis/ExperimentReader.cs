using CrossLayer.Host.Experiments;
using CrossLayer.Host.Files;

namespace CrossLayer.Host.Analysis;

/// <summary>Reads what is known of an experiment, and sees whether its recordings are there.</summary>
internal static class ExperimentReader
{
    /// <summary>The labels, in the order of their names.</summary>
    /// <exception cref="InputException">There are none, the plan is another version's, or an episode is missing.</exception>
    public static IReadOnlyList<EpisodeLabel> ReadLabels(ExperimentFolder folder, CancellationToken cancellation)
    {
        if (!Directory.Exists(folder.Labels))
            throw new InputException($"{folder.Path} has a plan and no {folder.Labels}; nothing is known of its episodes");
        _ = ExperimentPlan.Read(folder.Plan);
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
}
