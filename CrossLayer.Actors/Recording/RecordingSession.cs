using System.Globalization;
using System.Reflection;
using CrossLayer.Actors.Correlations;
using CrossLayer.Actors.Journal;
using CrossLayer.Probe.Clock;

namespace CrossLayer.Actors.Recording;

/// <summary>What is the same for a whole session.</summary>
/// <param name="Id">Its name: when it began (UTC), to the millisecond.</param>
/// <param name="StartedUnixNs">When it began, in nanoseconds since the Unix epoch.</param>
/// <param name="PersistenceId">Whose rows its rows are.</param>
/// <param name="DiscrepancyWriter">The name under which the same run writes discrepancies.</param>
/// <param name="Settings">How the same run correlates, in HOCON.</param>
internal sealed record RecordingSession(string Id, long StartedUnixNs, string PersistenceId, string DiscrepancyWriter, string Settings)
{
    private const string Suffix = "-recording";

    /// <summary>The version of the program that records.</summary>
    public static string ProgramVersion { get; } =
        typeof(RecordingSession).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";

    /// <summary>A session that begins now.</summary>
    public static RecordingSession Begin(JournalSettings journal, CorrelationSettings correlation)
    {
        var unixNs = KernelClock.SampleOffset().UnixNs;
        var started = DateTimeOffset.UnixEpoch.AddTicks(unixNs / 100);
        return new RecordingSession(
            started.UtcDateTime.ToString("yyyyMMdd'T'HHmmss.fff'Z'", CultureInfo.InvariantCulture),
            unixNs, journal.Writer + Suffix, journal.Writer, SettingsText.Of(correlation));
    }

    /// <summary>The head of a part.</summary>
    public Wire.Part Part(int number, long partUnixNs, long firstOrdinal, long? watermarkNs, Wire.Totals totals)
    {
        var part = new Wire.Part
        {
            Session = Id,
            Number = number,
            ProgramVersion = ProgramVersion,
            SessionUnixNs = StartedUnixNs,
            PartUnixNs = partUnixNs,
            EventLayout = KernelEventPacker.LayoutVersion,
            EventSize = (uint)KernelEventPacker.EventSize,
            Settings = Settings,
            DiscrepancyWriter = DiscrepancyWriter,
            FirstOrdinal = firstOrdinal,
            Totals = totals,
        };
        if (watermarkNs is { } watermark)
            part.WatermarkNs = watermark;
        return part;
    }
}
