using CrossLayer.Actors.Requests;

namespace CrossLayer.Tests.Shapes;

/// <summary>Whose application reports its requests.</summary>
public enum Reporters
{
    /// <summary>The server's alone.</summary>
    Server,

    /// <summary>The client's alone.</summary>
    Client,

    /// <summary>Both.</summary>
    Both,
}

/// <summary>What reporters report.</summary>
internal static class ReportersExtensions
{
    /// <summary>True if records of the role are reported.</summary>
    internal static bool Include(this Reporters reporters, RequestRole role) => reporters switch
    {
        Reporters.Server => role == RequestRole.Server,
        Reporters.Client => role == RequestRole.Client,
        _ => true,
    };
}
