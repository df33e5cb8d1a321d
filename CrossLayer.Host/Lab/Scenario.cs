using CrossLayer.Actors.Correlations;

namespace CrossLayer.Host.Lab;

/// <summary>A fault that the lab can inject: what it is, what should be found for it, and how it is armed and lifted.</summary>
internal abstract class Scenario
{
    /// <summary>In snake_case.</summary>
    public abstract string Name { get; }

    /// <summary>What kind of trouble it is.</summary>
    public abstract ScenarioFamily Family { get; }

    /// <summary>What should be found for it; null where nothing should.</summary>
    public abstract Cause? Cause { get; }

    /// <summary>Where it is injected.</summary>
    public abstract LabHost Where { get; }

    /// <summary>How it is known which requests it met.</summary>
    public abstract TouchRule Touch { get; }

    /// <summary>Whether its levels differ.</summary>
    public virtual bool HasLevels => true;

    /// <summary>How long it is in force at least, to meet something.</summary>
    public virtual TimeSpan Hold => TimeSpan.FromSeconds(1.5);

    /// <summary>What a level means, in words.</summary>
    public abstract string Describe(Intensity intensity);

    /// <summary>Puts it in force.</summary>
    /// <exception cref="LabException">It cannot be; or it needs a server or client that the lab does not have.</exception>
    public abstract Task<ArmedFault> ArmAsync(LabSetup lab, Intensity intensity, CancellationToken cancellation = default);

    /// <inheritdoc/>
    public override string ToString() => Name;

    /// <summary>The value of a level.</summary>
    protected static T Of<T>(Intensity intensity, T low, T medium, T high, T heldOut) => intensity switch
    {
        Intensity.Low => low,
        Intensity.Medium => medium,
        Intensity.High => high,
        Intensity.HeldOut => heldOut,
        _ => throw new ArgumentOutOfRangeException(nameof(intensity), intensity, "no such intensity"),
    };
}
