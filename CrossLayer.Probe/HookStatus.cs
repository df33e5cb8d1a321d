namespace CrossLayer.Probe;

/// <summary>One hook of the kernel side.</summary>
/// <param name="Event">The kernel events that it makes, in words.</param>
/// <param name="Hook">Where it attaches, such as <c>tp_btf/sock_send_length</c>.</param>
/// <param name="Required">Without it there is no evidence at all.</param>
/// <param name="Missing">Why it is not attached; null if it is.</param>
public sealed record HookStatus(string Event, string Hook, bool Required, string? Missing);
