using CrossLayer.Actors.Connections;
using CrossLayer.Probe;

namespace CrossLayer.Actors.Tests.Connections;

public class RecoveryTests
{
    private const long Ms = 1_000_000;
    private readonly Recovery _recovery = new();
    private readonly MarkList _written = new();

    public RecoveryTests() => _written.Add(500, 10 * Ms);

    [Fact]
    public void An_episode_lasts_from_the_write_to_the_acknowledgement_less_a_round_trip()
    {
        Retransmit(210);
        Assert.True(_recovery.IsStuck);
        Retransmit(610);
        _recovery.Progress(500, 632 * Ms);

        Assert.False(_recovery.IsStuck);
        Assert.Equal((632 - 10 - 20) * Ms, _recovery.LostNs(9000 * Ms));
    }

    [Fact]
    public void An_episode_begins_with_the_last_progress_before()
    {
        _recovery.Progress(0, 100 * Ms);
        Retransmit(210);
        _recovery.Progress(500, 232 * Ms);

        Assert.Equal((232 - 100 - 20) * Ms, _recovery.LostNs(9000 * Ms));
    }

    [Fact]
    public void Progress_short_of_its_end_does_not_end_an_episode()
    {
        Retransmit(210);
        _recovery.Progress(200, 220 * Ms);

        Assert.False(_recovery.IsStuck);
        Assert.Equal((300 - 10 - 20) * Ms, _recovery.LostNs(300 * Ms));
    }

    [Fact]
    public void An_episode_that_is_open_at_the_end_counts_until_then()
    {
        Retransmit(210);

        Assert.Equal((400 - 10 - 20) * Ms, _recovery.LostNs(400 * Ms));
    }

    [Fact]
    public void Episodes_add_up_and_are_forgotten()
    {
        Retransmit(210);
        _recovery.Progress(500, 230 * Ms);
        _written.Add(900, 1000 * Ms);
        _recovery.Retransmit(new KernelEvent { TimestampNs = 1200 * Ms, RangeStart = 500, Bytes = 400, SrttUs = 20_000 }, _written);
        _recovery.Progress(900, 1300 * Ms);

        Assert.Equal((200 + 280) * Ms, _recovery.LostNs(9000 * Ms));
        _recovery.Clear();
        Assert.Equal(0, _recovery.LostNs(9000 * Ms));
    }

    private void Retransmit(long atMs) =>
        _recovery.Retransmit(new KernelEvent { TimestampNs = (ulong)(atMs * Ms), RangeStart = 0, Bytes = 500, SrttUs = 20_000 }, _written);
}
