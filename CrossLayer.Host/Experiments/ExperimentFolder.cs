using System.Globalization;

namespace CrossLayer.Host.Experiments;

/// <summary>Where an experiment's files are. What detectors see and what is known of the faults are in folders of their own.</summary>
/// <param name="Path">The experiment's folder.</param>
internal sealed record ExperimentFolder(string Path)
{
    /// <summary>What was to be run, by which it is resumed.</summary>
    public string Plan => System.IO.Path.Combine(Path, "plan.json");

    /// <summary>Traffic with the probe and without it, a line for each measurement.</summary>
    public string Costs => System.IO.Path.Combine(Path, "costs.jsonl");

    /// <summary>Recorded without the probe: what applications report.</summary>
    public string Baseline => System.IO.Path.Combine(Path, "baseline");

    /// <summary>Recorded with the probe: what applications report and what the kernel saw.</summary>
    public string CrossLayer => System.IO.Path.Combine(Path, "cross_layer");

    /// <summary>What is known from the injector and the client's oracle; no detector opens it.</summary>
    public string Labels => System.IO.Path.Combine(Path, "labels");

    /// <summary>What came of it.</summary>
    public string Analysis => System.IO.Path.Combine(Path, "analysis");

    /// <summary>An episode's name: its number, which tells nothing of what happens in it.</summary>
    public static string NameOf(int number) => number.ToString("0000", CultureInfo.InvariantCulture);

    /// <summary>The label of an episode.</summary>
    public string LabelOf(string episode) => System.IO.Path.Combine(Labels, $"{episode}.json");
}
