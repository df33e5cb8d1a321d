using System.CommandLine;
using System.Text;
using System.Text.Json;
using Akka.Configuration;
using CrossLayer.Actors.Configuration;
using CrossLayer.Actors.Correlations;
using CrossLayer.Actors.Journal;
using CrossLayer.Probe.Doctor;
using CrossLayer.Probe.Hooks;
using Spectre.Console;

namespace CrossLayer.Host.Commands;

/// <summary><c>crosslayer doctor</c>: what this kernel, these privileges and this configuration allow, with the mend for each 'no'.</summary>
internal static class DoctorCommand
{
    private static readonly JsonWriterOptions Indented = new() { Indented = true };

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var format = CommandOptions.Format();
        var hooks = CommandOptions.Hooks();
        var command = new Command("doctor", "Say what this kernel, these privileges and this configuration allow, and how to mend each 'no'.") { format, hooks };
        command.SetAction(parsed => Run(parsed.GetRequiredValue(format), parsed.GetRequiredValue(hooks), parsed.InvocationConfiguration.Output));
        return command;
    }

    private static int Run(OutputFormat format, HookChoice hooks, TextWriter output)
    {
        var kernel = KernelReport.Gather(hooks);
        var checks = kernel.Append(Configuration()).Append(Journal()).ToList();
        if (format == OutputFormat.Table)
            WriteTable(checks, output);
        else
            output.WriteLine(Json(checks, format));
        return kernel.Any(check => check.Status == CheckStatus.No) ? ExitCode.NoKernelEvidence
            : checks.Any(check => check.Status == CheckStatus.No) ? ExitCode.BadInput
            : ExitCode.Done;
    }

    private static KernelCheck Configuration()
    {
        try
        {
            CorrelationSettings.From(DefaultConfiguration.Load());
            return new KernelCheck("configuration", CheckStatus.Ok, "built-in defaults (config/crosslayer.conf)");
        }
        catch (ConfigurationException e)
        {
            return new KernelCheck("configuration", CheckStatus.No, e.Message, "correct the setting");
        }
    }

    private static KernelCheck Journal()
    {
        var settings = JournalSettings.From(DefaultConfiguration.Load());
        if (settings.Provider == JournalProvider.Sqlite && !File.Exists(settings.FullPath))
            return new KernelCheck("journal", CheckStatus.Ok, $"{settings.FullPath} will be created");
        try
        {
            JournalConfiguration.ForReading(settings);
            return new KernelCheck("journal", CheckStatus.Ok, settings.Name);
        }
        catch (JournalUnavailableException e)
        {
            return new KernelCheck("journal", CheckStatus.No, e.Message, "mend or move the file");
        }
    }

    private static void WriteTable(List<KernelCheck> checks, TextWriter output)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumns("Check", "Status", "Found", "Mend");
        foreach (var check in checks)
            table.AddRow(Markup.Escape(check.Name), NameOf(check.Status), Markup.Escape(check.Found), Markup.Escape(check.Mend ?? ""));
        Terminal.For(output).Write(table);
    }

    private static string Json(List<KernelCheck> checks, OutputFormat format)
    {
        using var buffer = new MemoryStream();
        if (format == OutputFormat.Json)
        {
            using var writer = new Utf8JsonWriter(buffer, Indented);
            writer.WriteStartObject();
            writer.WriteStartArray("checks");
            foreach (var check in checks)
                Write(writer, check);
            writer.WriteEndArray();
            writer.WriteEndObject();
        }
        else
        {
            using var writer = new Utf8JsonWriter(buffer);
            foreach (var check in checks)
            {
                if (buffer.Length > 0)
                    buffer.WriteByte((byte)'\n');
                Write(writer, check);
                writer.Flush();
                writer.Reset();
            }
        }

        return Encoding.UTF8.GetString(buffer.ToArray());
    }

    private static void Write(Utf8JsonWriter writer, KernelCheck check)
    {
        writer.WriteStartObject();
        writer.WriteString("name", check.Name);
        writer.WriteString("status", NameOf(check.Status));
        writer.WriteString("found", check.Found);
        if (check.Mend is not null)
            writer.WriteString("mend", check.Mend);
        writer.WriteEndObject();
    }

    private static string NameOf(CheckStatus status) => status switch
    {
        CheckStatus.Ok => "ok",
        CheckStatus.Limited => "limited",
        _ => "no",
    };
}
