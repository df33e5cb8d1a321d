using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Akka.Configuration;
using CrossLayer.Actors.Correlations;

namespace CrossLayer.Actors.Recording;

/// <summary>Correlation settings as HOCON, exactly: what a recording keeps of them is read by the reader of configurations.</summary>
internal static class SettingsText
{
    private const int NsPerTick = 100;

    /// <summary>Every setting of <c>crosslayer.correlation</c>.</summary>
    public static string Of(CorrelationSettings settings)
    {
        var text = new StringBuilder(SlowRoute.ToHocon(settings.SlowRoutes));
        var routes = settings.ExpectedSlowRoutes.Select(route => $"\"{JsonEncodedText.Encode(route, JavaScriptEncoder.UnsafeRelaxedJsonEscaping)}\"");
        Add("expected-slow-routes", $"[{string.Join(", ", routes)}]");
        Add("settle", Duration(settings.Settle));
        Add("lateness", Duration(settings.Lateness));
        Add("unacked", Duration(settings.Unacked));
        Add("patience", Duration(settings.Patience));
        Add("clock-tolerance", Duration(settings.ClockTolerance));
        Add("slow", Duration(settings.Slow));
        Add("disorder", Duration(settings.Disorder));
        Add("shards", Number(settings.Shards));
        Add("max-sockets", Number(settings.MaxSockets));
        Add("max-waiting-records", Number(settings.MaxWaitingRecords));
        Add("max-windows-per-connection", Number(settings.MaxWindowsPerConnection));
        return text.ToString();

        void Add(string key, string value) => text.Append(CultureInfo.InvariantCulture, $"{CorrelationSettings.Section}.{key} = {value}\n");
    }

    /// <summary>The settings of a recording, with what changes them in front and the program's own defaults behind.</summary>
    /// <exception cref="ConfigurationException">A value is out of its range.</exception>
    public static CorrelationSettings Read(string text, Config changes)
    {
        try
        {
            return CorrelationSettings.From(
                changes.WithFallback(ConfigurationFactory.ParseString(text)).WithFallback(Configuration.DefaultConfiguration.Load()));
        }
        catch (Exception exception) when (exception is FormatException or OverflowException)
        {
            throw new ConfigurationException($"a value of {CorrelationSettings.Section} cannot be read: {exception.Message}", exception);
        }
    }

    private static string Duration(TimeSpan value) => string.Create(CultureInfo.InvariantCulture, $"{value.Ticks * NsPerTick} nanoseconds");

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);
}
