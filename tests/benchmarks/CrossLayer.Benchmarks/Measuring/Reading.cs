namespace CrossLayer.Benchmarks.Measuring;

/// <summary>What one run gave: values by measure.</summary>
internal sealed class Reading(params (string Measure, double Value)[] values)
{
    internal double this[string measure] => values.First(value => value.Measure == measure).Value;

    internal bool Has(string measure) => values.Any(value => value.Measure == measure);
}

/// <summary>One way to do the work.</summary>
/// <param name="Name">Its name in the results.</param>
/// <param name="Run">Does it once.</param>
internal sealed record Arm(string Name, Func<Task<Reading>> Run)
{
    internal Arm(string name, Func<Reading> run) : this(name, () => Task.FromResult(run())) { }
}
