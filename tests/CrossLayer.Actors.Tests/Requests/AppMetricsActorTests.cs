using System.Threading.Channels;
using Akka.TestKit.Xunit2;
using CrossLayer.Actors.Graph;
using CrossLayer.Actors.Kernel;
using CrossLayer.Actors.Requests;
using CrossLayer.Probe.Clock;

namespace CrossLayer.Actors.Tests.Requests;

public class AppMetricsActorTests : TestKit
{
    private readonly Channel<RecordInput> _output = Channel.CreateUnbounded<RecordInput>();
    private readonly RecordRoom _room = new(3);

    [Fact]
    public async Task Records_wait_for_the_clock_and_then_carry_the_kernels_time()
    {
        var actor = Sys.ActorOf(AppMetricsActor.Props(_output.Writer, _room, TestActor));
        await ExpectMsgAsync<GetProbeStatus>();
        actor.Tell(new ReportRequests([Record(startUnixNs: 5_000), Record(startUnixNs: null)]), TestActor);
        await ExpectNoMsgAsync(TimeSpan.FromMilliseconds(50));

        actor.Tell(Status(offsetNs: 1_000), TestActor);

        Assert.Equal(new RequestsReported(2, 0), await ExpectMsgAsync<RequestsReported>());
        Assert.Equal([4_000L, null], (await _output.Reader.ReadAsync()).Records.Select(record => record.StartNs));
    }

    [Fact]
    public async Task What_the_pipeline_has_no_room_for_is_turned_away_and_counted()
    {
        var actor = Sys.ActorOf(AppMetricsActor.Props(_output.Writer, _room, TestActor));
        await ExpectMsgAsync<GetProbeStatus>();
        actor.Tell(Status(offsetNs: 0), TestActor);

        actor.Tell(new ReportRequests([Record(1), Record(2)]), TestActor);
        actor.Tell(new ReportRequests([Record(3), Record(4), Record(5)]), TestActor);
        actor.Tell(new ReportRequests([Record(6)]), TestActor);

        Assert.Equal(new RequestsReported(2, 0), await ExpectMsgAsync<RequestsReported>());
        Assert.Equal(new RequestsReported(1, 2), await ExpectMsgAsync<RequestsReported>());
        Assert.Equal(new RequestsReported(0, 1), await ExpectMsgAsync<RequestsReported>());
        _room.Leave(2);
        actor.Tell(new ReportRequests([Record(7)]), TestActor);
        actor.Tell(new StopAppMetrics(), TestActor);
        actor.Tell(new ReportRequests([Record(8)]), TestActor);
        Assert.Equal(new RequestsReported(1, 0), await ExpectMsgAsync<RequestsReported>());
        Assert.Equal(new AppMetricsStatus(4, 3), await ExpectMsgAsync<AppMetricsStatus>());
        Assert.Equal(new RequestsReported(0, 1), await ExpectMsgAsync<RequestsReported>());
        Assert.Equal((2, 3), (_room.Waiting, await CountAsync(_output.Reader)));
    }

    private static async Task<int> CountAsync(ChannelReader<RecordInput> output)
    {
        var batches = 0;
        await foreach (var _ in output.ReadAllAsync())
            batches++;
        return batches;
    }

    private static ProbeStatus Status(long offsetNs) => new(null, [], default, new ClockHistory(new ClockOffset(0, offsetNs, 0)));

    private static RequestRecord Record(long? startUnixNs) => new()
    {
        RequestId = RequestId.From(1),
        LatencyMs = 1,
        Result = RequestResult.Success,
        StartUnixNs = startUnixNs,
    };
}
