using CrossLayer.Host.Analysis.Statistics;
using CrossLayer.Host.Analysis.Summaries;
using OxyPlot;
using OxyPlot.Axes;
using OxyPlot.Legends;
using OxyPlot.Series;

namespace CrossLayer.Host.Analysis.Report;

/// <summary>Plots as svg elements. They are drawn in managed code: no font of the machine matters.</summary>
internal static class Plots
{
    // Okabe and Ito: told apart by people who are blind to some colours.
    private static readonly OxyColor[] Colours =
    [
        OxyColor.FromRgb(0, 114, 178), OxyColor.FromRgb(213, 94, 0), OxyColor.FromRgb(0, 158, 115),
        OxyColor.FromRgb(204, 121, 167), OxyColor.FromRgb(230, 159, 0), OxyColor.FromRgb(86, 180, 233),
    ];

    private static readonly OxyColor Grey = OxyColor.FromRgb(120, 120, 120);

    /// <summary>A bar for each share with its interval.</summary>
    public static string Bars(IReadOnlyList<(string Name, Share Share, bool IsMarked)> shares)
    {
        var model = Model();
        // The first stands on top.
        var rows = shares.Reverse().ToList();
        var names = new CategoryAxis { Position = AxisPosition.Left, GapWidth = 0.4, IsTickCentered = true };
        names.Labels.AddRange(rows.Select(row => row.Name));
        model.Axes.Add(names);
        model.Axes.Add(ShareAxis(AxisPosition.Bottom, "recall"));
        var bars = new BarSeries { StrokeThickness = 0 };
        bars.Items.AddRange(rows.Select(row => new BarItem(row.Share.Value ?? 0) { Color = row.IsMarked ? Colours[0] : OxyColor.FromRgb(190, 200, 210) }));
        model.Series.Add(bars);
        foreach (var (index, row) in rows.Index())
            if (row.Share.Interval is { } interval)
                model.Series.Add(Line(OxyColors.Black, new DataPoint(interval.Low, index), new DataPoint(interval.High, index)));
        return Svg(model, 760, 60 + (26 * rows.Count));
    }

    /// <summary>Curves of what is still undetected.</summary>
    public static string Delays(IReadOnlyList<(string Name, IReadOnlyList<KaplanMeier.Step> Steps)> curves)
    {
        var model = Model();
        var end = curves.SelectMany(curve => curve.Steps).Select(step => step.Time).DefaultIfEmpty(1).Max() * 1.1;
        model.Axes.Add(new LinearAxis
        {
            Position = AxisPosition.Bottom,
            Minimum = 0,
            Maximum = Math.Max(end, 0.1),
            Title = "seconds after the first impacted request began",
            MajorGridlineStyle = LineStyle.Solid,
            MajorGridlineColor = OxyColors.WhiteSmoke,
        });
        model.Axes.Add(ShareAxis(AxisPosition.Left, "episodes not yet detected"));
        model.Legends.Add(new Legend { LegendPosition = LegendPosition.RightTop, LegendPlacement = LegendPlacement.Outside });
        foreach (var (index, curve) in curves.Index())
        {
            var series = new StairStepSeries { Title = curve.Name, Color = Colours[index % Colours.Length], StrokeThickness = 2, VerticalStrokeThickness = 2 };
            series.Points.Add(new DataPoint(0, 1));
            series.Points.AddRange(curve.Steps.Select(step => new DataPoint(step.Time, step.Survival)));
            series.Points.Add(new DataPoint(Math.Max(end, 0.1), curve.Steps.Count > 0 ? curve.Steps[^1].Survival : 1));
            model.Series.Add(series);
        }

        return Svg(model, 760, 320);
    }

    /// <summary>Confidence against the share right; on the diagonal both are the same.</summary>
    public static string Calibrations(IReadOnlyList<CalibrationSummary> calibrations)
    {
        var model = Model();
        model.Axes.Add(ShareAxis(AxisPosition.Bottom, "confidence"));
        model.Axes.Add(ShareAxis(AxisPosition.Left, "share with the right cause"));
        model.Legends.Add(new Legend { LegendPosition = LegendPosition.RightTop, LegendPlacement = LegendPlacement.Outside });
        model.Series.Add(Line(Grey, new DataPoint(0, 0), new DataPoint(1, 1)));
        foreach (var (index, calibration) in calibrations.Index())
        {
            var colour = Colours[index % Colours.Length];
            var points = new ScatterSeries { Title = calibration.Detector, MarkerType = MarkerType.Circle, MarkerSize = 4, MarkerFill = colour };
            foreach (var bin in calibration.Calibration.Bins)
            {
                points.Points.Add(new ScatterPoint(bin.MeanConfidence, bin.Right.Value ?? 0));
                if (bin.Right.Interval is { } interval)
                    model.Series.Add(Line(colour, new DataPoint(bin.MeanConfidence, interval.Low), new DataPoint(bin.MeanConfidence, interval.High)));
            }

            model.Series.Add(points);
        }

        return Svg(model, 620, 380);
    }

    private static PlotModel Model() => new()
    {
        PlotAreaBorderColor = Grey,
        PlotAreaBorderThickness = new OxyThickness(1, 0, 0, 1),
        Background = OxyColors.White,
        DefaultFont = "sans-serif",
        DefaultFontSize = 12,
    };

    private static LinearAxis ShareAxis(AxisPosition position, string title) => new()
    {
        Position = position,
        Title = title,
        Minimum = 0,
        Maximum = 1.02,
        MajorStep = 0.2,
        StringFormat = "0 %",
        MajorGridlineStyle = LineStyle.Solid,
        MajorGridlineColor = OxyColors.WhiteSmoke,
    };

    private static LineSeries Line(OxyColor colour, DataPoint from, DataPoint to)
    {
        var line = new LineSeries { Color = colour, StrokeThickness = 1.5, RenderInLegend = false };
        line.Points.Add(from);
        line.Points.Add(to);
        return line;
    }

    private static string Svg(PlotModel model, double width, double height) =>
        new SvgExporter { Width = width, Height = height, IsDocument = false, TextMeasurer = new Metrics(width, height) }.ExportToString(model);

    /// <summary>
    /// How large a text is taken to be: as in a wide font, since whoever looks at the plot may have another than the one that it was
    /// laid out with.
    /// </summary>
    private sealed class Metrics(double width, double height) : PdfRenderContext(width, height, OxyColors.White)
    {
        private const double CharacterWidth = 0.62;
        private const double LineHeight = 1.35;

        public override OxySize MeasureText(string text, string fontFamily, double fontSize, double fontWeight) =>
            string.IsNullOrEmpty(text) ? OxySize.Empty : new OxySize(text.Length * fontSize * CharacterWidth, fontSize * LineHeight);
    }
}
