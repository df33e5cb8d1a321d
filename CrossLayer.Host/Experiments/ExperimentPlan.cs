using System.Text.Json;
using System.Text.Json.Serialization;
using CrossLayer.Host.Lab;

namespace CrossLayer.Host.Experiments;

/// <summary>All that an experiment is to do, made from its options and its seed alone: the same options give the same plan.</summary>
internal sealed record ExperimentPlan
{
    /// <summary>The shape of an experiment's files; another one is not resumed.</summary>
    public const int CurrentVersion = 1;

    /// <summary>The shape of its files.</summary>
    public required int Version { get; init; }

    /// <summary>Episodes of each scenario.</summary>
    public required int Episodes { get; init; }

    /// <summary>The seed: even ones are for development, odd ones for reporting.</summary>
    public required int Seed { get; init; }

    /// <summary>The scenarios, by name.</summary>
    public required IReadOnlyList<string> Scenarios { get; init; }

    /// <summary>Episodes without the probe.</summary>
    [JsonIgnore]
    public IReadOnlyList<EpisodePlan> Baseline => Named().Baseline;

    /// <summary>Episodes with the probe, in the order in which they are run.</summary>
    [JsonIgnore]
    public IReadOnlyList<EpisodePlan> Probed => Named().Probed;

    /// <summary>Pairs of measurements with the probe and without it.</summary>
    [JsonIgnore]
    public int CostPairs => Episodes + 2;

    /// <summary>Development never sees a level that is held out, nor a mix.</summary>
    [JsonIgnore]
    public bool IsForReporting => Seed % 2 != 0;

    /// <summary>A plan.</summary>
    /// <param name="episodes">Episodes of each scenario.</param>
    /// <param name="seed">From which all chance comes.</param>
    /// <param name="scenarios">Which scenarios, faults and negatives, by name.</param>
    public static ExperimentPlan Of(int episodes, int seed, IReadOnlyList<string> scenarios) =>
        new() { Version = CurrentVersion, Episodes = episodes, Seed = seed, Scenarios = scenarios };

    /// <summary>Reads a plan.</summary>
    /// <exception cref="InputException">It cannot be read, or is of another version.</exception>
    public static ExperimentPlan Read(string path)
    {
        try
        {
            using var plan = JsonDocument.Parse(File.ReadAllBytes(path));
            if (plan.RootElement.ValueKind != JsonValueKind.Object || !plan.RootElement.TryGetProperty("version", out var version)
                || version.ValueKind != JsonValueKind.Number || !version.TryGetInt32(out var number))
                throw new InputException($"{path} has no version; expected the plan of an experiment, version {CurrentVersion}");
            if (number != CurrentVersion)
                throw new InputException($"{path} has version {number}; this program knows version {CurrentVersion}");
            return plan.RootElement.Deserialize(PlanJson.Default.ExperimentPlan)!;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or JsonException)
        {
            throw new InputException($"{path}: {Files.OneLine.Of(exception.Message)}; expected the plan of an experiment", exception);
        }
    }

    /// <summary>Writes it.</summary>
    public void Write(string path) => File.WriteAllBytes(path, JsonSerializer.SerializeToUtf8Bytes(this, PlanJson.Default.ExperimentPlan));

    /// <summary>True if both are the same experiment.</summary>
    public bool IsSameAs(ExperimentPlan other) =>
        (Version, Episodes, Seed) == (other.Version, other.Episodes, other.Seed) && Scenarios.SequenceEqual(other.Scenarios);

    private (IReadOnlyList<EpisodePlan> Baseline, IReadOnlyList<EpisodePlan> Probed) Named()
    {
        var random = new Random(Seed);
        var scenarios = Scenarios.Select(ScenarioCatalog.Of).ToList();
        var faults = scenarios.Where(scenario => scenario.Cause is not null).ToList();
        var half = (Episodes + 1) / 2;
        var episodes = new List<(EpisodeKind Kind, IReadOnlyList<PlannedFault> Faults)>();

        Add(2 * Episodes + 4, EpisodeKind.Benign, _ => []);
        Add(Episodes + 2, EpisodeKind.Control, _ => []);
        foreach (var scenario in scenarios.Where(scenario => scenario.Cause is null && scenario.Touch == TouchRule.Nothing && scenario.Name != "normal"))
            Add(half, EpisodeKind.Negative, _ => [new PlannedFault(scenario.Name, Intensity.Medium)]);
        foreach (var scenario in faults)
        {
            // From another level each time, so that few episodes see different ones.
            var first = random.Next(3);
            Add(Episodes, EpisodeKind.Fault, i => [new PlannedFault(scenario.Name, (Intensity)((first + i) % 3))]);
            if (IsForReporting && scenario.HasLevels)
                Add(half, EpisodeKind.HeldOut, _ => [new PlannedFault(scenario.Name, Intensity.HeldOut)]);
        }

        if (IsForReporting && faults.Count(scenario => scenario.Where != LabHost.Server) > 1)
            Add(2 * Episodes, EpisodeKind.Mix, _ => Mix(faults, random));

        var order = episodes.ToArray();
        random.Shuffle(order);
        var number = 0;
        return (
            [.. Enumerable.Range(0, Episodes + 2).Select(_ => Timed(EpisodeKind.Benign, []))],
            [.. order.Select(episode => Timed(episode.Kind, episode.Faults))]);

        void Add(int count, EpisodeKind kind, Func<int, IReadOnlyList<PlannedFault>> faultsOf)
        {
            for (var i = 0; i < count; i++)
                episodes.Add((kind, faultsOf(i)));
        }

        EpisodePlan Timed(EpisodeKind kind, IReadOnlyList<PlannedFault> injected)
        {
            var hold = injected.Count == 0 ? TimeSpan.FromSeconds(2) : injected.Max(fault => ScenarioCatalog.Of(fault.Scenario).Hold);
            return new EpisodePlan
            {
                Number = ++number,
                Kind = kind,
                Faults = injected,
                Seed = random.Next(),
                QuietMs = random.Next(500, 1500),
                HoldMs = (int)hold.TotalMilliseconds + random.Next(0, 700),
                AfterMs = random.Next(500, 1200),
            };
        }
    }

    /// <summary>Two faults, of which one at most is the server's: it obeys one order at a time.</summary>
    private static IReadOnlyList<PlannedFault> Mix(List<Scenario> faults, Random random)
    {
        while (true)
        {
            var one = faults[random.Next(faults.Count)];
            var other = faults[random.Next(faults.Count)];
            if (one != other && (one.Where != LabHost.Server || other.Where != LabHost.Server))
                return [new PlannedFault(one.Name, Intensity.Medium), new PlannedFault(other.Name, Intensity.Medium)];
        }
    }
}

/// <summary>Plans in JSON.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(ExperimentPlan))]
internal sealed partial class PlanJson : JsonSerializerContext;
