using CrossLayer.Actors.Connections;
using CrossLayer.Actors.Correlations;
using CrossLayer.Actors.Requests;

namespace CrossLayer.Actors.Tests.Histories;

public class HistoryTests
{
    private const int SeedsOfAShape = 40;

    [Theory]
    [InlineData(Shape.KeptAlive)]
    [InlineData(Shape.PipelinedAnsweredOneByOne)]
    [InlineData(Shape.PipelinedAnsweredTogether)]
    [InlineData(Shape.AskedForLeave)]
    [InlineData(Shape.AnsweredEarly)]
    [InlineData(Shape.HalfClosed)]
    [InlineData(Shape.Mixed)]
    public void Every_record_is_matched_with_just_its_bytes_at_both_ends(Shape shape)
    {
        var wrong = Enumerable.Range(1, SeedsOfAShape).Select(seed => (seed, Faults: Check(World.Of(shape, seed))))
            .Where(x => x.Faults.Count > 0).ToList();

        Assert.True(wrong.Count == 0, $"{wrong.Count} of {SeedsOfAShape} seeds:\n"
            + string.Join('\n', wrong.Take(5).SelectMany(x => x.Faults.Take(6).Select(fault => $"seed {x.seed}: {fault}"))));
    }

    [Fact]
    public void Where_records_of_early_answers_are_missing_no_other_has_bytes_that_are_not_its_own()
    {
        var wrong = Enumerable.Range(1, 3 * SeedsOfAShape).SelectMany(Misplaced).ToList();

        Assert.True(wrong.Count == 0, $"{wrong.Count}:\n" + string.Join('\n', wrong.Take(12)));
    }

    [Theory]
    [InlineData(Shape.KeptAlive)]
    [InlineData(Shape.PipelinedAnsweredOneByOne)]
    [InlineData(Shape.PipelinedAnsweredTogether)]
    [InlineData(Shape.AskedForLeave)]
    [InlineData(Shape.AnsweredEarly)]
    [InlineData(Shape.HalfClosed)]
    [InlineData(Shape.Mixed)]
    public void Records_without_a_time_some_of_them_missing_have_their_own_request_or_none(Shape shape)
    {
        var wrong = Enumerable.Range(1, 3 * SeedsOfAShape).SelectMany(seed => MisplacedWithoutTime(shape, seed)).ToList();

        Assert.True(wrong.Count == 0, $"{wrong.Count}:\n" + string.Join('\n', wrong.Take(12)));
    }

    private static IEnumerable<string> MisplacedWithoutTime(Shape shape, int seed)
    {
        var (world, random) = (World.Of(shape, seed), new Random(seed));
        // Pipelined requests need byte counts.
        var countsBytes = random.Next(2) == 0 || shape is Shape.PipelinedAnsweredOneByOne or Shape.PipelinedAnsweredTogether or Shape.Mixed;
        var oneIn = random.Next(2, 20);
        var told = world.Requests.ToDictionary(request => RequestId.From(request.Id));
        var records = world.Records.Where(_ => random.Next(oneIn) > 0).OrderBy(_ => random.Next()).Select(record => new TimedRecord(record.Record with
        {
            StartUnixNs = null,
            RequestBytes = countsBytes ? record.Record.RequestBytes : null,
            ResponseBytes = countsBytes ? record.Record.ResponseBytes : null,
        }, null)).ToArray();
        foreach (var c in PlainPipeline.Run(world.Events, records))
        {
            if (c is { ServerExchange: { } exchange } && (c.ClientRecord ?? c.ServerRecord) is not null && told[c.RequestId] is var own
                && ((exchange.Request, exchange.Response) != (own.Request, own.Response) || exchange.SocketCookie != own.ClientCookie + 1))
                yield return $"seed {seed}: request {own.Id} of {Text(own.Request, own.Response)} has {Text(exchange.Request, exchange.Response)}: {c.Match}";
            if (c.Finding.Cause == Cause.UnbackedRecord)
                yield return $"seed {seed}: {c.Finding.Reason}";
        }
    }

    private static IEnumerable<string> Misplaced(int seed)
    {
        var (world, random) = (World.Of(Shape.AnsweredEarly, seed), new Random(seed));
        var missing = world.Requests.Where(_ => random.Next(5) == 0).Select(told => RequestId.From(told.Id)).ToHashSet();
        var told = world.Requests.ToDictionary(request => RequestId.From(request.Id));
        foreach (var c in PlainPipeline.Run(world.Events, [.. world.Records.Where(record => !missing.Contains(record.Record.RequestId))]))
            if (c is { ServerExchange: { } exchange, EvidenceComplete: true } && (c.ClientRecord ?? c.ServerRecord) is not null && told[c.RequestId] is var own
                && (exchange.Request, exchange.Response) != (own.Request, own.Response))
                yield return $"seed {seed}: request {own.Id} of {Text(own.Request, own.Response)} has {Text(exchange.Request, exchange.Response)}: {c.Match}";
    }

    private static List<string> Check(World world)
    {
        var faults = new List<string>();
        var correlations = PlainPipeline.Run(world.Events, [.. world.Records]);
        foreach (var told in world.Requests)
        {
            var own = correlations.FindAll(c => c.RequestId == RequestId.From(told.Id));
            if (own is not [var c])
            {
                faults.Add($"request {told.Id} of {Text(told.Request, told.Response)} has {own.Count} correlations: "
                    + string.Join("; ", own.Select(x => $"{x.Match.Method} of the {(x.ClientRecord is null ? "server" : "client")}: {x.Finding.Reason}")));
                continue;
            }

            if (c is not { ClientExchange: { } client, ServerExchange: { } server })
                faults.Add($"request {told.Id} of {Text(told.Request, told.Response)} has no evidence: {c.Match} {c.Finding.Reason}");
            else if ((client.Request, client.Response, server.Request, server.Response) != (told.Request, told.Response, told.Request, told.Response))
                faults.Add($"request {told.Id} of {Text(told.Request, told.Response)} has {Text(client.Request, client.Response)} at the client, {Text(server.Request, server.Response)} at the server");
            else if (client.SocketCookie != told.ClientCookie || server.SocketCookie != told.ClientCookie + 1)
                faults.Add($"request {told.Id} has another connection's evidence");
            else if (c.Finding.Verdict != Verdict.Healthy)
                faults.Add($"request {told.Id} is {c.Finding.Cause}: {c.Finding.Reason}");
        }

        faults.AddRange(correlations.Where(c => c.ClientRecord is null && c.ServerRecord is null).Select(c => $"nobody reports {c.RequestId}: {c.Finding.Reason}"));
        return faults;
    }

    private static string Text(ByteRange request, ByteRange response) => $"{request.Start}..{request.End}/{response.Start}..{response.End}";
}
