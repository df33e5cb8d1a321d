using System.Globalization;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace CrossLayer.Host.Outputs.Watch;

/// <summary>What a watcher shows at a terminal, made anew of what it knows. Plain state.</summary>
/// <param name="url">The daemon.</param>
internal sealed class WatchScreen(Uri url)
{
    private const int MostCauses = 8;
    private const int MostDiscrepancies = 10;

    private readonly Queue<DiscrepancySeen> _last = [];
    private WatchFigures? _figures;
    private string _status = "connecting";
    private long _missed;

    /// <summary>Takes an event.</summary>
    public void Apply(WatchEvent next)
    {
        switch (next)
        {
            case FiguresRead read:
                _figures = read.Figures;
                break;
            case DiscrepancySeen seen:
                _last.Enqueue(seen);
                if (_last.Count > MostDiscrepancies)
                    _last.Dequeue();
                break;
            case DiscrepanciesMissed missed:
                _missed += missed.Missed ?? 1;
                break;
            case DaemonAway away:
                (_status, _figures) = ($"[red]does not answer: {Markup.Escape(away.Reason)}; it is tried again[/]", null);
                break;
            case DaemonBack:
                _status = "answers";
                break;
        }
    }

    /// <summary>The screen now.</summary>
    public IRenderable Render() => new Rows(new Markup($"[bold]CrossLayer[/] {Markup.Escape(url.ToString())}  {Status()}"), Figures(), Causes(), Last());

    private static string Number(double value) => value.ToString("0.0", CultureInfo.InvariantCulture);

    private static string Alarm(double value) => value > 0 ? $"[red]{Number(value)}[/]" : Number(value);

    private string Status() => _figures switch
    {
        null => _status,
        { Problems.Count: 0 } => "[green]ready[/]",
        var figures => $"[red]not ready: {Markup.Escape(string.Join("; ", figures.Problems))}[/]",
    };

    private Table Figures()
    {
        var table = new Table().Border(TableBorder.Simple).AddColumns("Requests/s");
        var row = new List<string> { _figures is null ? "-" : Number(_figures.RequestsPerSecond) };
        foreach (var (verdict, rate) in _figures?.Verdicts ?? [])
        {
            table.AddColumn($"{Markup.Escape(verdict)}/s");
            row.Add(Number(rate));
        }

        table.AddColumns("Events lost/s", "Shed/s", "Rejected/s", "Behind, s");
        if (_figures is { } figures)
            row.AddRange([Alarm(figures.LostPerSecond), Alarm(figures.ShedPerSecond), Alarm(figures.RejectedPerSecond), Number(figures.LagSeconds)]);
        return table.AddRow([.. row]);
    }

    private Table Causes()
    {
        var table = new Table().Border(TableBorder.Simple).AddColumns("Cause", "Discrepancies since the daemon started");
        foreach (var (cause, count) in (_figures?.Causes ?? []).Take(MostCauses))
            table.AddRow(Markup.Escape(cause), count.ToString("0", CultureInfo.InvariantCulture));
        return table;
    }

    private Table Last()
    {
        var table = new Table().Border(TableBorder.Simple).AddColumns("Seen", "Cause", "Service, route", "What happened");
        if (_missed > 0)
            table.Caption = new TableTitle($"{_missed} discrepancies missed");
        foreach (var seen in _last.Reverse())
        {
            table.AddRow(
                seen.At.ToLocalTime().ToString("HH:mm:ss", CultureInfo.InvariantCulture), WatchLines.Cause(seen),
                Markup.Escape(WatchLines.Where(seen)), Markup.Escape(WatchLines.Clean(seen.Correlation.Finding.Reason ?? "")));
        }

        return table;
    }
}
