using CrossLayer.Actors.Connections;
using CrossLayer.Actors.Correlations;
using CrossLayer.Actors.Requests;
using CrossLayer.Probe;

namespace CrossLayer.Actors.Tests.Correlations;

/// <summary>One connection's correlator, fed step by step, and the windows it has closed.</summary>
internal sealed class CorrelatorRun
{
    public static Coverage Everything { get; } = new(0, long.MaxValue, []);

    private readonly ExchangeAssembler _assembler = new(PlainPipeline.Settings.ExchangeTimes, 100);
    private readonly Dictionary<int, RequestWindow> _windows = [];

    public Coverage Coverage { get; init; } = Everything;

    public ConnectionCorrelator Correlator { get; } = new(PlainPipeline.Settings);

    public List<(RequestWindow Window, CloseWindow Closing)> Closed { get; } = [];

    public IEnumerable<Correlation> Correlations => Closed.Where(x => x.Window.IsWorthCorrelating(x.Closing))
        .Select(x => Actors.Correlations.Correlator.Correlate(x.Window, x.Closing, PlainPipeline.Settings));

    public CorrelatorRun Process(IEnumerable<KernelEvent> events, double watermarkMs, params TimedRecord[] records)
    {
        var facts = new List<ConnectionFact>();
        foreach (var e in events.OrderBy(e => e.TimestampNs))
            _assembler.Apply(in e, facts);
        var watermark = (long)Conversation.Ns(watermarkMs);
        _assembler.Advance(watermark, facts);
        Correlator.Process(records, facts, watermark, Coverage, (number, message) =>
        {
            var window = _windows.GetValueOrDefault(number, RequestWindow.Empty);
            if (message is CloseWindow closing)
                Closed.Add((window, closing));
            else
                _windows[number] = window.Add(message);
        });
        return this;
    }
}
