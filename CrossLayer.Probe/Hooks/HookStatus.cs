namespace CrossLayer.Probe.Hooks;

/// <summary>How one kind of kernel event is seen here.</summary>
/// <param name="Event">The kernel events, in words.</param>
/// <param name="Need">What becomes of a verdict without them.</param>
/// <param name="Kind">The kind of hook chosen; null if none could be had.</param>
/// <param name="Hooks">Where its programs are attached, such as <c>tp_btf/sock_send_length</c>; empty if nowhere.</param>
/// <param name="Limit">What this hook does not tell and a better one would; null if it tells all.</param>
/// <param name="Refused">Better hooks that could not be had, best first.</param>
public sealed record HookStatus(
    string Event, HookNeed Need, HookKind? Kind, IReadOnlyList<string> Hooks, string? Limit, IReadOnlyList<RefusedHook> Refused)
{
    /// <summary>Why these events are not seen; null if they are.</summary>
    public string? Missing => Kind is not null ? null : string.Join("; ", Refused);

    /// <summary>The types of these events; empty where another hook tells of the same type.</summary>
    public IReadOnlyList<KernelEventType> Types { get; init; } = [];

    /// <summary>
    /// Types that a verdict needs and that are not seen, or not all of them: each becomes a
    /// <see cref="KernelEventType.Missing"/> event at the start of the stream.
    /// </summary>
    public IReadOnlyList<KernelEventType> MissingTypes => Need == HookNeed.Verdict && (Kind is null || Limit is not null) ? Types : [];

    /// <summary>One line: the events, the hooks chosen, what they do not tell, and why better ones were not chosen.</summary>
    public override string ToString() => Kind is null
        ? $"{Event}: none ({Missing})"
        : $"{Event}: {string.Join(", ", Hooks)}{(Limit is null ? "" : $": {Limit}")}{(Refused.Count == 0 ? "" : $" (not {string.Join("; not ", Refused)})")}";
}

/// <summary>A hook that could not be had.</summary>
/// <param name="Hooks">Where it would be attached.</param>
/// <param name="Reason">Why it is not.</param>
public sealed record RefusedHook(string Hooks, string Reason)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Hooks}: {Reason}";
}
