using CrossLayer.Host.Lab.Traffic;

namespace CrossLayer.Host.Lab;

/// <summary>What scenarios are injected into.</summary>
/// <param name="Network">The hosts.</param>
/// <param name="Server">Which answers requests; null where nobody does who could be told to behave otherwise.</param>
/// <param name="Client">Which sends them; null likewise.</param>
internal sealed record LabSetup(LabNetwork Network, ILabServer? Server = null, ILabClient? Client = null)
{
    /// <summary>The server.</summary>
    /// <exception cref="LabException">There is none.</exception>
    public ILabServer ServerFor(Scenario scenario) =>
        Server ?? throw new LabException($"{scenario} is a behaviour of the lab's server, and this lab has none: give it one");

    /// <summary>The client.</summary>
    /// <exception cref="LabException">There is none.</exception>
    public ILabClient ClientFor(Scenario scenario) =>
        Client ?? throw new LabException($"{scenario} is a behaviour of the lab's client, and this lab has none: give it one");

    /// <summary>The client, to send requests of another kind than its users' beside these.</summary>
    /// <exception cref="LabException">There is none, or one that sends no requests but its own.</exception>
    public LabClient TrafficFor(Scenario scenario) =>
        Client as LabClient ?? throw new LabException($"{scenario} is traffic of the lab's client, and this lab has none that can send it: give it one");
}
