using CrossLayer.Tests.Shapes;

namespace CrossLayer.Integration.Tests.Shapes;

/// <summary>A theory for each kind of reporter.</summary>
public sealed class EachReporter : TheoryData<Reporters>
{
    /// <inheritdoc cref="EachReporter"/>
    public EachReporter() : base(Enum.GetValues<Reporters>())
    {
    }
}
