using CrossLayer.Actors.Correlations;
using CrossLayer.Probe;

namespace CrossLayer.Actors.Tests.Graph;

/// <summary>Kernel events as a probe hands them over.</summary>
internal static class Batches
{
    private const int DisorderMs = 20;

    /// <summary>As events of different CPUs enter the ring: up to 20 ms out of order.</summary>
    public static List<KernelEvent> Disorder(List<KernelEvent> events, Random random) =>
        [.. events.OrderBy(e => e.TimestampNs + Conversation.Ns(random.NextDouble() * DisorderMs))];

    /// <summary>Cut anywhere, each with the time up to which all is known.</summary>
    public static List<KernelEventBatch> Cut(List<KernelEvent> events, Random random)
    {
        var batches = new List<KernelEventBatch>();
        ulong newest = 0;
        for (var i = 0; i < events.Count;)
        {
            var count = Math.Min(events.Count - i, random.Next(0, 9));
            var part = events.GetRange(i, count);
            i += count;
            newest = part.Select(e => e.TimestampNs).Append(newest).Max();
            batches.Add(new KernelEventBatch(part.ToArray(), (long)newest - (long)Conversation.Ns(DisorderMs)));
        }

        return batches;
    }

    /// <summary>All that a correlation says.</summary>
    public static string Text(Correlation c) =>
        $"{c.ClosedAtNs} {c.RequestId} {c.Finding} {c.Match} {c.Ledger} {c.DeliveredMs} {c.EvidenceComplete}\n{c.ClientRecord}\n{c.ServerRecord}\n{c.ClientExchange}\n{c.ServerExchange}";
}
