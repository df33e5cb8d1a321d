namespace CrossLayer.Evaluation.Cluster;

/// <summary>What a nemesis does to a member of the cluster.</summary>
internal enum NemesisFault
{
    /// <summary>Its process is killed (SIGKILL), and started again by its supervisor.</summary>
    Kill,

    /// <summary>Its process stands still (SIGSTOP) and goes on.</summary>
    Stop,

    /// <summary>Nothing passes between it and the other two: they are two halves.</summary>
    Partition,

    /// <summary>It is heard and hears nothing, or the other way round.</summary>
    OneWay,

    /// <summary>Its host's wall clock jumps.</summary>
    Skew,
}

/// <summary>One thing that a nemesis does.</summary>
/// <param name="Number">From 1.</param>
/// <param name="Fault">What.</param>
/// <param name="Victim">The member, by its place in the cluster's list.</param>
/// <param name="Lasts">How long until it is undone.</param>
/// <param name="SkewSeconds">Where the wall clock is put to: ahead of the true time, or behind.</param>
/// <param name="Inward">Of a one-way partition: what is sent to the victim is lost; else what it sends.</param>
internal sealed record NemesisEpisode(int Number, NemesisFault Fault, int Victim, TimeSpan Lasts, double SkewSeconds, bool Inward)
{
    private const int Members = 3;

    /// <summary>Episodes in an order of their own: each five have each fault once.</summary>
    /// <param name="count">How many.</param>
    /// <param name="seed">The same seed gives the same ones.</param>
    /// <param name="only">Only this fault; null: all.</param>
    internal static IEnumerable<NemesisEpisode> Plan(int count, int seed, NemesisFault? only)
    {
#pragma warning disable CA5394 // to be repeated, not to be secret
        var random = new Random(seed);
        NemesisFault[] faults = only is { } one ? [one] : Enum.GetValues<NemesisFault>();
        for (var i = 0; i < count; i++)
        {
            if (i % faults.Length == 0)
                random.Shuffle(faults);
            var fault = faults[i % faults.Length];
            // The member between has no clock that anybody's requests are told by.
            var victim = fault == NemesisFault.Skew ? 2 * random.Next(2) : random.Next(Members);
            var lasts = fault switch
            {
                NemesisFault.Stop => TimeSpan.FromSeconds(30),
                NemesisFault.Skew => TimeSpan.FromSeconds(10),
                NemesisFault.Partition or NemesisFault.OneWay => TimeSpan.FromSeconds(random.Next(5, 31)),
                _ => TimeSpan.Zero,
            };
            yield return new NemesisEpisode(i + 1, fault, victim, lasts, Math.Round((random.NextDouble() - 0.5) * 20, 1), random.Next(2) == 0);
        }
#pragma warning restore CA5394
    }
}
