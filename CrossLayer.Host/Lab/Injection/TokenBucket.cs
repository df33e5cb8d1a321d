using System.Globalization;
using System.Text.Json;

namespace CrossLayer.Host.Lab.Injection;

/// <summary>A bottleneck: what a device may send (tc-tbf(8)).</summary>
internal sealed class TokenBucket(LabNamespace host, string device)
{
    /// <summary>Room for a few packets to go at once: less than one, and none would pass.</summary>
    private const int BurstBytes = 8 * 1514;

    /// <summary>Puts it in force.</summary>
    /// <param name="kilobits">Per second.</param>
    /// <param name="queueBytes">What may wait; more is dropped.</param>
    /// <exception cref="LabException">tc does not take it.</exception>
    public Task ArmAsync(int kilobits, int queueBytes, CancellationToken cancellation) => host.ExecAsync(
        "tc",
        [
            "qdisc", "add", "dev", device, "root", "tbf", "rate", Text($"{kilobits}kbit"), "burst", Text($"{BurstBytes}"),
            "limit", Text($"{queueBytes}"),
        ],
        cancellation: cancellation);

    /// <summary>How often a packet had to wait, and how many were dropped, since it is in force.</summary>
    /// <exception cref="LabException">It is not there.</exception>
    public async Task<(long Overlimits, long Drops)> ReadAsync(CancellationToken cancellation)
    {
        var json = await host.ExecAsync("tc", ["-s", "-j", "qdisc", "show", "dev", device, "root"], cancellation: cancellation);
        using var document = JsonDocument.Parse(json);
        foreach (var discipline in document.RootElement.EnumerateArray())
        {
            if (discipline.GetProperty("kind").GetString() == "tbf")
                return (discipline.GetProperty("overlimits").GetInt64(), discipline.GetProperty("drops").GetInt64());
        }

        throw new LabException($"tc qdisc show dev {device} in {host.Name}: no tbf in {json.Trim()}");
    }

    /// <summary>The device sends as fast as it can again.</summary>
    /// <exception cref="LabException">It is not there.</exception>
    public Task LiftAsync(CancellationToken cancellation) =>
        host.ExecAsync("tc", ["qdisc", "del", "dev", device, "root"], cancellation: cancellation);

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
