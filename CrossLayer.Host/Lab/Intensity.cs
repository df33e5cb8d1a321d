namespace CrossLayer.Host.Lab;

/// <summary>How hard a fault is; what a level means is the scenario's own.</summary>
internal enum Intensity
{
    /// <summary>Few requests notice.</summary>
    Low,

    /// <summary>Many do.</summary>
    Medium,

    /// <summary>All that can, or most.</summary>
    High,

    /// <summary>A level between those that development has seen: for reporting alone.</summary>
    HeldOut,
}
