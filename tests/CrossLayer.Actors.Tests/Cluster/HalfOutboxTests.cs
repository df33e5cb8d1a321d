using CrossLayer.Actors.Cluster;
using CrossLayer.Actors.Tests.Hosts;

namespace CrossLayer.Actors.Tests.Cluster;

public sealed class HalfOutboxTests
{
    private readonly HalfOutbox _outbox = new(lanes: 4, most: 3);

    [Fact]
    public void What_nobody_settles_is_sent_again_and_what_is_settled_is_not()
    {
        _outbox.Add(Halves.OfClient(1), 0);
        _outbox.Add(Halves.OfClient(2, start: 100), 0);
        Assert.Equal([1L, 2L], Sent(10, again: false));
        Assert.Empty(_outbox.TakeToSend(1000));
        _outbox.Settle([1]);

        Assert.Equal([2L], Sent(3010, again: true));
        Assert.Equal(6020, Assert.Single(Assert.Single(_outbox.TakeToSend(6020)).Halves).WaitedMs);
        _outbox.Settle([2, 99]);
        Assert.Empty(_outbox.TakeToSend(9000));
        Assert.Equal(0, _outbox.Count);
    }

    [Fact]
    public void Halves_of_a_connection_go_to_one_lane_together()
    {
        _outbox.Add(Halves.OfClient(1), 0);
        _outbox.Add(Halves.OfClient(2, start: 100), 0);
        Assert.Single(_outbox.TakeToSend(10));
    }

    [Fact]
    public void A_connection_is_known_to_wait_until_all_of_it_is_settled()
    {
        var connection = Halves.OfClient(1).Connection;
        _outbox.Add(Halves.OfClient(1), 0);
        _outbox.Add(Halves.OfClient(2, start: 100), 0);
        _outbox.Settle([1]);
        Assert.True(_outbox.Has(connection));
        _outbox.Settle([2]);
        Assert.False(_outbox.Has(connection));
    }

    [Fact]
    public void One_too_many_is_refused_and_what_is_too_old_comes_out()
    {
        Assert.True(_outbox.Add(Halves.OfClient(1), 0));
        Assert.True(_outbox.Add(Halves.OfClient(2), 5));
        Assert.True(_outbox.Add(Halves.OfClient(3), 9));
        Assert.False(_outbox.Add(Halves.OfClient(4), 9));

        Assert.Equal(2, _outbox.TakeOlderThan(9).Count);
        Assert.Equal(9, _outbox.OldestMs);
        // What came out before it was ever sent is not sent either.
        Assert.Equal([3L], Sent(20, again: false));
    }

    private IEnumerable<long> Sent(long nowMs, bool again)
    {
        var batch = Assert.Single(_outbox.TakeToSend(nowMs));
        Assert.Equal(again, batch.Again);
        return batch.Halves.Select(half => half.Number);
    }
}
