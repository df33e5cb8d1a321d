namespace CrossLayer.Actors.Correlations;

/// <summary>What the layers add up to for one request.</summary>
public sealed record Finding
{
    /// <summary>The layers agree, disagree, or cannot be held against each other.</summary>
    public required Verdict Verdict { get; init; }

    /// <summary>The most likely cause; null for a healthy request.</summary>
    public Cause? Cause { get; init; }

    /// <summary>The layer that could not have seen this alone.</summary>
    public BlindLayer BlindLayer { get; init; }

    /// <summary>From 0 to 1: how surely the evidence points to the cause.</summary>
    public double Confidence { get; init; }

    /// <summary>A sentence for a person, with the figures that it rests on; for a healthy request only where the application was slow by itself.</summary>
    public string? Reason { get; init; }

    /// <summary>The layers agree that all went well.</summary>
    public static Finding Healthy { get; } = new() { Verdict = Verdict.Healthy, Confidence = 1 };

    /// <summary>The evidence does not suffice.</summary>
    public static Finding Inconclusive(string reason) => new() { Verdict = Verdict.Inconclusive, Reason = reason };
}

/// <summary>What the layers add up to.</summary>
public enum Verdict
{
    /// <summary>Both layers say that the request went well.</summary>
    Healthy,

    /// <summary>The layers disagree, or both show a fault; the cause says which.</summary>
    Discrepant,

    /// <summary>Evidence is missing: never to be read as healthy.</summary>
    Inconclusive,
}

/// <summary>Which layer could not have seen a discrepancy alone.</summary>
public enum BlindLayer
{
    /// <summary>Each layer shows it.</summary>
    None,

    /// <summary>The application could not know.</summary>
    Application,

    /// <summary>The kernel could not know.</summary>
    Kernel,
}
