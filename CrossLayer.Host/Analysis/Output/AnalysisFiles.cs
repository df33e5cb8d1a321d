using System.Text;
using CrossLayer.Host.Analysis.Report;
using CrossLayer.Host.Analysis.Summaries;
using CrossLayer.Host.Files;

namespace CrossLayer.Host.Analysis.Output;

/// <summary>The files that an analysis leaves. Each is written whole, or not at all.</summary>
internal static class AnalysisFiles
{
    /// <summary>Writes them.</summary>
    /// <param name="folder">Where; it is made.</param>
    /// <param name="summary">The figures.</param>
    /// <param name="scored">The decisions; null for a recording without labels, which has no tables.</param>
    /// <param name="cancellation">Stops between two files.</param>
    /// <exception cref="InputException">The folder cannot be written.</exception>
    public static void Write(string folder, AnalysisSummary summary, ScoredExperiment? scored, CancellationToken cancellation)
    {
        try
        {
            Directory.CreateDirectory(folder);
            if (scored is not null)
            {
                Put("requests.csv", writer => ScoreTables.WriteRequests(writer, scored, cancellation));
                Put("episodes.csv", writer => ScoreTables.WriteEpisodes(writer, scored));
                if (scored.SlowLimits.Count > 0)
                    Put(SlowRoutesFile.Name, writer => SlowRoutesFile.Write(writer, scored.SlowLimits));
            }

            var report = new AnalysisReport(summary);
            Put("summary.json", writer => writer.Write(summary.ToJson() + "\n"));
            Put("report.html", writer => writer.Write(report.ToHtml()));
            Put("report.md", writer => writer.Write(report.ToMarkdown()));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"cannot write {folder}: {OneLine.Of(exception.Message)}", exception);
        }

        void Put(string name, Action<TextWriter> write)
        {
            cancellation.ThrowIfCancellationRequested();
            var path = Path.Combine(folder, name);
            using (var writer = new StreamWriter($"{path}.part", append: false, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false)))
                write(writer);
            File.Move($"{path}.part", path, overwrite: true);
        }
    }
}
