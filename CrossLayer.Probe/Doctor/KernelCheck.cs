namespace CrossLayer.Probe.Doctor;

/// <summary>One thing that kernel evidence depends on.</summary>
/// <param name="Name">What is checked.</param>
/// <param name="Status">How it stands.</param>
/// <param name="Found">What was found.</param>
/// <param name="Mend">What to do; null where nothing is to be done.</param>
public sealed record KernelCheck(string Name, CheckStatus Status, string Found, string? Mend = null);

/// <summary>How a check stands.</summary>
public enum CheckStatus
{
    /// <summary>As it should be.</summary>
    Ok,

    /// <summary>Works, with less than there could be.</summary>
    Limited,

    /// <summary>There is no kernel evidence without it.</summary>
    No,
}
