namespace CrossLayer.Actors.Tests.Journal;

/// <summary>A test that needs root, as to mount a file system of its own.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class PrivilegedFactAttribute : FactAttribute
{
    /// <inheritdoc cref="PrivilegedFactAttribute"/>
    public PrivilegedFactAttribute()
    {
        if (!Environment.IsPrivilegedProcess)
            Skip = "not root";
    }
}
