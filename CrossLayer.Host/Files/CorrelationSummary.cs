using System.Text.Json;
using CrossLayer.Actors.Correlations;

namespace CrossLayer.Host.Files;

/// <summary>Counts over correlations: the <c>summary</c> of a correlations file.</summary>
internal sealed class CorrelationSummary
{
    /// <summary>The object's name in a correlations file.</summary>
    public const string Name = "summary";

    private readonly int[] _verdicts = new int[Enum.GetValues<Verdict>().Length];
    private readonly int[] _causes = new int[Enum.GetValues<Cause>().Length];
    private readonly int[] _methods = new int[Enum.GetValues<MatchMethod>().Length];

    /// <summary>How many correlations were added.</summary>
    public int Correlations { get; private set; }

    /// <summary>Kernel events that were made and not delivered while these correlations were gathered.</summary>
    public long LostEvents { get; set; }

    /// <summary>Why there was no kernel evidence at the end; null if there was.</summary>
    public string? KernelEvidenceUnavailable { get; set; }

    /// <summary>Correlations with this verdict.</summary>
    public int this[Verdict verdict] => _verdicts[(int)verdict];

    /// <summary>Correlations with this cause, whatever their verdict.</summary>
    public int this[Cause cause] => _causes[(int)cause];

    /// <summary>Correlations matched this way.</summary>
    public int this[MatchMethod method] => _methods[(int)method];

    /// <summary>Counts one correlation.</summary>
    public void Add(Correlation correlation)
    {
        ArgumentNullException.ThrowIfNull(correlation);
        Correlations++;
        _verdicts[(int)correlation.Finding.Verdict]++;
        _methods[(int)correlation.Match.Method]++;
        if (correlation.Finding.Cause is { } cause)
            _causes[(int)cause]++;
    }

    /// <summary>Adds the counts of others.</summary>
    public void Add(CorrelationSummary others)
    {
        ArgumentNullException.ThrowIfNull(others);
        Correlations += others.Correlations;
        LostEvents += others.LostEvents;
        for (var i = 0; i < _verdicts.Length; i++)
            _verdicts[i] += others._verdicts[i];
        for (var i = 0; i < _causes.Length; i++)
            _causes[i] += others._causes[i];
        for (var i = 0; i < _methods.Length; i++)
            _methods[i] += others._methods[i];
    }

    /// <summary>Writes the counts as a JSON object; causes and methods that did not occur are left out.</summary>
    public void Write(Utf8JsonWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WriteStartObject();
        writer.WriteNumber("correlations", Correlations);
        foreach (var verdict in Enum.GetValues<Verdict>())
            writer.WriteNumber(CorrelationNames.Verdicts[verdict], this[verdict]);
        WriteCounts(writer, "by_cause", _causes, CorrelationNames.Causes);
        WriteCounts(writer, "by_match", _methods, CorrelationNames.MatchMethods);
        writer.WriteNumber("lost_events", LostEvents);
        writer.WriteString("kernel_evidence", KernelEvidenceUnavailable is { } reason ? $"unavailable: {reason}" : "available");
        writer.WriteEndObject();
    }

    private static void WriteCounts<T>(Utf8JsonWriter writer, string name, int[] counts, EnumNames<T> names)
        where T : struct, Enum
    {
        writer.WriteStartObject(name);
        foreach (var value in Enum.GetValues<T>())
        {
            var count = counts[Convert.ToInt32(value, System.Globalization.CultureInfo.InvariantCulture)];
            if (count > 0)
                writer.WriteNumber(names[value], count);
        }

        writer.WriteEndObject();
    }
}
