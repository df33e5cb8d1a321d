using System.Globalization;
using System.Text;
using CrossLayer.Host.Files;

namespace CrossLayer.Host.Outputs.Health;

/// <summary>What /healthz and /readyz answer, made of nothing but a snapshot.</summary>
/// <param name="Checks">The questions, each answered.</param>
internal sealed record HealthReport(IReadOnlyList<HealthCheck> Checks)
{
    /// <summary>All answers are yes.</summary>
    public bool Ok => Checks.All(check => check.Ok);

    /// <summary>Whether the process is worth keeping: its loops turn. What a restart would not mend is not asked here.</summary>
    /// <param name="snapshot">What is known.</param>
    /// <param name="aliveWithin">A graph that gave no batch for longer stands still.</param>
    public static HealthReport Live(HealthSnapshot snapshot, TimeSpan aliveWithin)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        var last = snapshot.Heartbeat ?? snapshot.Started;
        var age = snapshot.Now - last;
        return new HealthReport(
        [
            snapshot.ActorsAlive
                ? new HealthCheck("actors", true, null, snapshot.Started)
                : new HealthCheck("actors", false, "the actor system has ended", snapshot.Now),
            snapshot.Probe is not null
                ? new HealthCheck("probe_actor", true, null, snapshot.Started)
                : new HealthCheck("probe_actor", false, "the probe's actor does not answer", snapshot.Now),
            age <= aliveWithin
                ? new HealthCheck("graph", true, null, snapshot.Heartbeat is null ? snapshot.Started : last)
                : new HealthCheck("graph", false, Stopped(snapshot, age), last),
        ]);
    }

    /// <summary>Whether the daemon does all that it was configured to do: it sees the kernel's side, keeps what it finds, and is reachable.</summary>
    public static HealthReport Ready(HealthSnapshot snapshot)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        return new HealthReport(
        [
            Probe(snapshot),
            new HealthCheck("journal", snapshot.Journal.Writable, Reason(snapshot.Journal.Writable, snapshot.Journal.Reason), snapshot.Journal.Since),
            .. snapshot.Sources.Select(source => new HealthCheck(source.Name, source.Ok, Reason(source.Ok, source.Reason), source.Since)),
        ]);
    }

    /// <summary>As JSON: <c>{"status": "ok", "checks": [{"name", "ok", "reason", "since"}]}</c>.</summary>
    public string ToJson()
    {
        using var json = new JsonBytes();
        var writer = json.Writer;
        writer.WriteStartObject();
        writer.WriteString("status", Ok ? "ok" : "failing");
        writer.WriteStartArray("checks");
        foreach (var check in Checks)
        {
            writer.WriteStartObject();
            writer.WriteString("name", check.Name);
            writer.WriteBoolean("ok", check.Ok);
            writer.WriteString("reason", check.Reason);
            writer.WriteString("since", check.Since.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture));
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
        return Encoding.UTF8.GetString(json.Written);
    }

    /// <summary>As JSON for those who may know no more: <c>{"status": "ok"}</c>.</summary>
    public string ToJsonWithoutChecks() => $$"""{"status":"{{(Ok ? "ok" : "failing")}}"}""";

    private static HealthCheck Probe(HealthSnapshot snapshot) => snapshot.Probe switch
    {
        null => new HealthCheck("probe", false, "the probe's actor does not answer", snapshot.Now),
        { Outage: { } outage } => new HealthCheck(
            "probe", false, outage.Reason.ReplaceLineEndings(" "), snapshot.Now - TimeSpan.FromMicroseconds(Math.Max(0, snapshot.NowNs - outage.SinceNs) / 1e3)),
        _ => new HealthCheck("probe", true, null, snapshot.ProbeUp),
    };

    private static string Stopped(HealthSnapshot snapshot, TimeSpan age) => string.Create(
        CultureInfo.InvariantCulture,
        $"the graph gave no batch {(snapshot.Heartbeat is null ? "since the start," : "for")} {age.TotalSeconds:0.0} s");

    private static string? Reason(bool ok, string? reason) => ok ? null : reason?.ReplaceLineEndings(" ") ?? "not told";
}
