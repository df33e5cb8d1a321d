using Akka.Actor;
using CrossLayer.Actors.Cluster;
using CrossLayer.Actors.Correlations;
using CrossLayer.Actors.Hosts;
using CrossLayer.Actors.Journal;
using CrossLayer.Actors.Tests.Hosts;
using CrossLayer.Actors.Tests.Journal;
using CrossLayer.Probe;
using FsCheck.Xunit;

namespace CrossLayer.Actors.Tests.Cluster;

public sealed class ClusterSerializerTests : IDisposable
{
    private readonly ActorSystem _system = ActorSystem.Create("serializer");
    private readonly ClusterSerializer _serializer;

    public ClusterSerializerTests() => _serializer = new ClusterSerializer((ExtendedActorSystem)_system);

    public void Dispose() => _system.Terminate().Wait();

    [Property(MaxTest = 300)]
    public bool Any_half_is_read_back_as_it_was_written(int seed)
    {
        var window = new RandomValues(seed).Record<RequestWindow>();
        var half = Halves.OfServer(seed) with { Window = window };
        var back = Assert.Single(RoundTrip(new HalfBatch(3, Halves.ServerHost, seed, [half])).Halves);
        return back.Window == window && back.Number == half.Number && back.PeerHost == half.PeerHost && back.WallAheadNs == seed
            && back.Closing.AtNs == half.Closing.AtNs && back.Closing.Reporters == half.Closing.Reporters;
    }

    [Fact]
    public void A_half_takes_its_gaps_along()
    {
        var half = Halves.OfClient(100);
        var coverage = half.Closing.Coverage.With(new LossInterval(5, 9, 3)).WithMissing(KernelEventType.Retransmit, 4);
        half = half with { Closing = half.Closing with { Coverage = coverage, Orphan = Orphan.Late } };

        var back = RoundTrip(new HalfBatch(0, Halves.ClientHost, null, [half])).Halves[0].Closing;

        Assert.Equal(coverage.Losses, back.Coverage.Losses);
        Assert.Equal(coverage.Missing, back.Coverage.Missing);
        Assert.Equal(Orphan.Late, back.Orphan);
        Assert.Null(RoundTrip(new HalfBatch(0, Halves.ClientHost, null, [half])).WallAheadNs);
    }

    [Fact]
    public void Answers_and_acknowledgements_are_read_back_as_they_were_written()
    {
        var id = new HalfId(Halves.ClientHost, 7);
        Assert.Equal([3L, 4L], RoundTrip(new HalvesSettled([3, 4])).Numbers);
        Assert.Equal([id], RoundTrip(new JoinedTaken([id])).First);
        Assert.Equal(["akka.tcp://crosslayer@10.0.0.1:4053"], RoundTrip(new RollCall(["akka.tcp://crosslayer@10.0.0.1:4053"])).Members);
        var connection = Halves.OfClient(1).Connection;
        Assert.Equal([(connection, 1500L)], RoundTrip(new AskPeer(9, [(connection, 1500)])).Connections);
        var answer = RoundTrip(new PeerAnswer(9, [(PeerView.Busy, null), (PeerView.CutOff, "lost")], 5));
        Assert.Equal([(PeerView.Busy, null), (PeerView.CutOff, "lost")], answer.Views);
        var joined = RoundTrip(new JoinedBatch([new JoinedRequest([id], Halves.ServerHost, Samples.Full)])).Requests[0];
        Assert.Equal(Samples.Full, joined.Correlation);
        Assert.Equal([id], joined.Halves);
    }

    [Fact]
    public void What_is_not_known_or_damaged_is_refused_by_name()
    {
        Assert.Contains("CX9", Assert.Throws<JournalFormatException>(() => _serializer.FromBinary([], "CX9")).Message, StringComparison.Ordinal);
        Assert.Contains("CH1", Assert.Throws<JournalFormatException>(() => _serializer.FromBinary([0xff, 0xff], "CH1")).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => _serializer.ToBinary("no"));
    }

    private T RoundTrip<T>(T message)
        where T : ClusterMessage => Assert.IsType<T>(_serializer.FromBinary(_serializer.ToBinary(message), _serializer.Manifest(message)));
}
