namespace CrossLayer.Host.Outputs;

/// <summary>How one part of the daemon is doing.</summary>
/// <param name="Name">Its name, such as <c>source:http</c>.</param>
/// <param name="Ok">It does its work.</param>
/// <param name="Reason">Why not, in one line; null where it does.</param>
/// <param name="Since">Since when that is so.</param>
internal sealed record ComponentState(string Name, bool Ok, string? Reason, DateTimeOffset Since);
