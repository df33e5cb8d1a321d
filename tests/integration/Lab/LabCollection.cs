namespace CrossLayer.Integration.Tests.Lab;

/// <summary>Tests that measure rates and count what a short time brings: nothing else runs meanwhile.</summary>
[CollectionDefinition("lab", DisableParallelization = true)]
public sealed class LabCollection;
