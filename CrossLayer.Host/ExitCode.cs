namespace CrossLayer.Host;

/// <summary>What the program's exit status says; a contract with scripts.</summary>
internal static class ExitCode
{
    /// <summary>Done.</summary>
    public const int Done = 0;

    /// <summary>Failed while running.</summary>
    public const int Failed = 1;

    /// <summary>Bad usage or input: one line says what, where, and what to do.</summary>
    public const int BadInput = 2;

    /// <summary>Kernel evidence is not to be had here: one line says which privilege or kernel feature is missing.</summary>
    public const int NoKernelEvidence = 3;
}
