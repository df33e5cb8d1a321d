using CrossLayer.Actors.Requests;
using CrossLayer.Probe;

namespace CrossLayer.Actors.Tests.Histories;

/// <summary>Some connections side by side and one after another, as a seed makes them, and what their applications report.</summary>
internal sealed class World
{
    private World(List<KernelEvent> events, List<TimedRecord> records, List<Told> requests) =>
        (Events, Records, Requests) = (events, records, requests);

    public List<KernelEvent> Events { get; }

    public List<TimedRecord> Records { get; }

    public List<Told> Requests { get; }

    public static World Of(Shape shape, int seed, long longestPauseNs = 20_000_000)
    {
        var random = new Random((seed * 31) + (int)shape);
        var reporting = (Reporting)random.Next(1, 4) | (Reporting)(4 * random.Next(0, 4));
        var clockNs = random.Next(0, 10_000);
        var histories = new List<History>();
        for (var i = 0; i < random.Next(1, 4); i++)
        {
            var at = 1_000_000L + random.Next(0, 20_000_000);
            // A port is used again by the next connection.
            for (var birth = 0; birth < random.Next(1, 4); birth++)
            {
                var history = Tell(shape, random, 40_000 + i, (ulong)(1000 + (histories.Count * 2)), histories.Count * 1000, at, longestPauseNs);
                histories.Add(history);
                at = history.NowNs + 20_000_000 + random.Next(0, 100_000_000);
            }
        }

        var events = histories.SelectMany(history => history.Events()).OrderBy(e => e.TimestampNs).ToList();
        var requests = histories.SelectMany(history => history.Requests).ToList();
        var records = new[] { RequestRole.Client, RequestRole.Server }
            .Where(role => reporting.HasFlag(role == RequestRole.Client ? Reporting.Client : Reporting.Server))
            .SelectMany(role => requests.Select(told => told.Record(role, reporting, clockNs))).ToList();
        return new World(events, records, requests);
    }

    private static History Tell(Shape shape, Random random, int clientPort, ulong cookie, int firstId, long openNs, long longestPauseNs)
    {
        var history = new History(random, clientPort, cookie, firstId, openNs);
        var count = random.Next(1, 9);
        for (var i = 0; i < count; i++)
        {
            Add(shape == Shape.Mixed ? (Shape)random.Next(0, (int)Shape.HalfClosed) : shape, isLast: i == count - 1, history, random);
            if (random.Next(3) > 0)
                history.Wait(random.NextInt64(10_000, longestPauseNs));
        }

        history.Close();
        return history;
    }

    private static void Add(Shape shape, bool isLast, History history, Random random)
    {
        switch (shape)
        {
            case Shape.PipelinedAnsweredOneByOne or Shape.PipelinedAnsweredTogether:
                var group = Enumerable.Range(0, random.Next(2, 6)).Select(_ => (Size(random), Size(random))).ToList();
                history.Pipeline(group, together: shape == Shape.PipelinedAnsweredTogether);
                break;
            case Shape.AskedForLeave:
                history.AskForLeave(Size(random), Size(random), Size(random));
                break;
            case Shape.AnsweredEarly:
                history.AnswerEarly(Size(random), Size(random), Size(random));
                break;
            case Shape.HalfClosed when isLast:
                history.AskAndHalfClose(Size(random), Size(random));
                break;
            default:
                history.Ask(Size(random), Size(random));
                break;
        }
    }

    private static int Size(Random random) => random.Next(2) == 0 ? random.Next(60, 2_000) : random.Next(2_000, 200_000);
}
