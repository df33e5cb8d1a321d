namespace CrossLayer.Actors.Tests.Journal;

/// <summary>A test of file permissions, which root does not feel.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class UnprivilegedFactAttribute : FactAttribute
{
    /// <inheritdoc cref="UnprivilegedFactAttribute"/>
    public UnprivilegedFactAttribute()
    {
        if (Environment.IsPrivilegedProcess)
            Skip = "needs a user that is not root: root writes read-only files";
    }
}
