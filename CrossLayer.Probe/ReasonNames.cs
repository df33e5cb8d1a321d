using System.Collections.Frozen;
using CrossLayer.Probe.Native;

namespace CrossLayer.Probe;

/// <summary>
/// What the running kernel calls the reasons of dropped packets and of resets. Their numbers
/// (<see cref="KernelEvent.Reason"/>) mean something else from one kernel to the next; the names stay.
/// </summary>
public sealed class ReasonNames
{
    private readonly FrozenDictionary<uint, string> _drops;
    private readonly FrozenDictionary<uint, string> _resets;

    private ReasonNames(FrozenDictionary<uint, string> drops, FrozenDictionary<uint, string> resets) => (_drops, _resets) = (drops, resets);

    /// <summary>No reason has a name.</summary>
    public static ReasonNames None { get; } = new(FrozenDictionary<uint, string>.Empty, FrozenDictionary<uint, string>.Empty);

    /// <summary>Reasons of dropped packets, by their number.</summary>
    public IReadOnlyDictionary<uint, string> Drops => _drops;

    /// <summary>Reasons of resets, by their number.</summary>
    public IReadOnlyDictionary<uint, string> Resets => _resets;

    /// <summary>Names that were recorded.</summary>
    public static ReasonNames From(IEnumerable<KeyValuePair<uint, string>> drops, IEnumerable<KeyValuePair<uint, string>> resets) =>
        new(drops.ToFrozenDictionary(), resets.ToFrozenDictionary());

    /// <summary>
    /// The name of an event's reason, without the kernel's prefix: <c>NO_SOCKET</c>, <c>NETFILTER_DROP</c>. Null where the event
    /// has no reason, or the kernel no name for it. Does not allocate.
    /// </summary>
    public string? Of(in KernelEvent e) => e.Reason == 0 ? null : e.Type switch
    {
        KernelEventType.Drop => _drops.GetValueOrDefault(e.Reason),
        KernelEventType.ResetSent => _resets.GetValueOrDefault(e.Reason),
        _ => null,
    };

    /// <summary>Those of the running kernel; takes no privilege. None where it offers no BTF.</summary>
    internal static ReasonNames OfKernel()
    {
        using var kernel = Btf.OfKernel();
        return kernel is null ? None : Of(kernel);
    }

    /// <summary>
    /// Those of <c>enum skb_drop_reason</c> (include/net/dropreason-core.h, since Linux 5.17) and <c>enum sk_rst_reason</c>
    /// (include/net/rstreason.h, since Linux 6.10). A kernel without one of them has no such names.
    /// </summary>
    internal static ReasonNames Of(Btf kernel) => new(
        Names(kernel, "skb_drop_reason", "SKB_DROP_REASON_"), Names(kernel, "sk_rst_reason", "SK_RST_REASON_"));

    // What lacks the prefix is no reason (SKB_CONSUMED), and the last ones only say how many there are.
    private static FrozenDictionary<uint, string> Names(Btf kernel, string name, string prefix) => kernel.Enum(name)
        .Where(value => value.Value.StartsWith(prefix, StringComparison.Ordinal))
        .Select(value => (Number: value.Key, Name: value.Value[prefix.Length..]))
        .Where(value => value.Name is not ("MAX" or "SUBSYS_MASK"))
        .ToFrozenDictionary(value => value.Number, value => value.Name);
}
