using System.Globalization;

namespace CrossLayer.Benchmarks.Measuring;

/// <summary>
/// Runs of several arms, alternating: in each round every arm runs once, and the order turns by one from round to round, so
/// that what else goes on on the machine, and what warms up, meets all of them alike. Ratios are taken within a round.
/// </summary>
internal sealed class Rounds
{
    private readonly Dictionary<string, List<Reading>> _readings;

    private Rounds(IReadOnlyList<Arm> arms) => _readings = arms.ToDictionary(arm => arm.Name, _ => new List<Reading>());

    /// <summary>Each arm once without being measured, then the rounds.</summary>
    internal static async Task<Rounds> RunAsync(BenchmarkContext context, int rounds, IReadOnlyList<Arm> arms, bool warmUp = true)
    {
        var all = new Rounds(arms);
        if (warmUp)
            foreach (var arm in arms)
                await arm.Run();
        for (var round = 0; round < rounds; round++)
        {
            context.Say(string.Create(CultureInfo.InvariantCulture, $"round {round + 1} of {rounds}: {string.Join(", ", arms.Select(arm => arm.Name))}"));
            for (var i = 0; i < arms.Count; i++)
            {
                context.Cancellation.ThrowIfCancellationRequested();
                var arm = arms[(i + round) % arms.Count];
                GC.Collect();
                all._readings[arm.Name].Add(await arm.Run());
            }
        }

        return all;
    }

    /// <summary>A measure of an arm, round by round.</summary>
    internal double[] Of(string arm, string measure) => [.. _readings[arm].Select(reading => reading[measure])];

    /// <summary>The ratio of one arm's measure to another's.</summary>
    internal Result Ratio(string benchmark, string subject, string reference, string measure, Target? target = null, string? note = null) => new()
    {
        Benchmark = benchmark,
        Subject = subject,
        Reference = reference,
        Measure = measure,
        Values = Spread.Of(Of(subject, measure)),
        ReferenceValues = Spread.Of(Of(reference, measure)),
        Ratio = Spread.Of([.. Of(subject, measure).Zip(Of(reference, measure), (one, other) => one / other)]),
        Target = target,
        Note = note,
    };

    /// <summary>A measure of one arm by itself.</summary>
    internal Result Value(string benchmark, string subject, string measure, Target? target = null, string? note = null) => new()
    {
        Benchmark = benchmark,
        Subject = subject,
        Measure = measure,
        Values = Spread.Of(Of(subject, measure)),
        Target = target,
        Note = note,
    };
}
