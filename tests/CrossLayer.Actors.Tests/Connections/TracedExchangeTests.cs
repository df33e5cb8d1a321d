using CrossLayer.Actors.Connections;

namespace CrossLayer.Actors.Tests.Connections;

public class TracedExchangeTests
{
    private static readonly Exchange Server = new()
    {
        NetnsCookie = 1,
        SocketCookie = Conversation.ServerCookie,
        Local = Conversation.End(8080),
        Peer = Conversation.End(40000),
        IsServer = true,
        Ordinal = 1,
        FirstNs = 4,
        LastNs = 40,
        Complete = true,
    };

    private static readonly TracedExchange Pipelined = new(
        Server with
        {
            Request = new ByteRange(0, 300),
            Response = new ByteRange(0, 900),
            ConnectEndNs = 5,
            SynRetransmits = 1,
            ClosedNs = 40,
            Retransmits = 2,
            RecoveryNs = 7,
            UnackedBytes = 300,
            RwndLimitedNs = 3,
        },
        new ExchangeMarks([new(300, 10)], [new(300, 20), new(600, 21), new(900, 22)], [new(600, 30)], [0, 650]));

    [Fact]
    public void A_part_of_what_was_told_in_a_summary_is_not_complete_and_the_whole_is()
    {
        var summarised = Pipelined with { Exchange = Pipelined.Exchange with { Summarised = true } };

        Assert.True(Pipelined.Cut(new ByteRange(0, 100), new ByteRange(0, 300), isFirst: true, isLast: false).Exchange.Complete);
        Assert.False(summarised.Cut(new ByteRange(0, 100), new ByteRange(0, 300), isFirst: true, isLast: false).Exchange.Complete);
        Assert.True(summarised.Cut(new ByteRange(0, 300), new ByteRange(0, 900), isFirst: true, isLast: true).Exchange.Complete);
    }

    [Fact]
    public void Joining_an_interim_response_and_the_final_one_keeps_both_their_bytes_and_the_final_ones_times()
    {
        var leave = new TracedExchange(
            Server with
            {
                Request = new ByteRange(0, 100),
                Response = new ByteRange(0, 25),
                RequestStartNs = 10,
                RequestEndNs = 10,
                ResponseStartNs = 11,
                ResponseEndNs = 11,
                AckedNs = 12,
                Retransmits = 1,
                EventCount = 3,
                LastNs = 12,
            },
            new ExchangeMarks([new(100, 10)], [new(25, 11)], [new(25, 12)], [0]));
        var answer = new TracedExchange(
            Server with
            {
                Request = new ByteRange(100, 300),
                Response = new ByteRange(25, 525),
                RequestStartNs = 20,
                RequestEndNs = 21,
                ResponseStartNs = 30,
                ResponseEndNs = 31,
                UnackedBytes = 200,
                Retransmits = 2,
                EventCount = 4,
                LastNs = 33,
                ResetReceivedNs = 33,
            },
            new ExchangeMarks([new(300, 21)], [new(525, 31)], [new(325, 32)], [25, 325]));

        var (joined, marks) = leave.Join(answer);

        Assert.Equal((new ByteRange(0, 300), new ByteRange(0, 525)), (joined.Request, joined.Response));
        Assert.Equal((10, 21, 30, 31), (joined.RequestStartNs, joined.RequestEndNs, joined.ResponseStartNs, joined.ResponseEndNs));
        Assert.Equal((null, 200, 33), (joined.AckedNs, joined.UnackedBytes, joined.ResetReceivedNs));
        Assert.Equal((3, 7, 4, 33), (joined.Retransmits, joined.EventCount, joined.FirstNs, joined.LastNs));
        Assert.Equal(new StreamMark[] { new(25, 11), new(525, 31) }, marks.Response);
        Assert.Equal(new long[] { 0, 25, 325 }, marks.Retransmits);
    }

    [Fact]
    public void Joining_trailing_request_bytes_keeps_the_answers_acknowledgement()
    {
        var answer = new TracedExchange(Server with { Request = new ByteRange(0, 10), Response = new ByteRange(0, 50), AckedNs = 12 }, ExchangeMarks.Empty);
        var rest = new TracedExchange(Server with { Request = new ByteRange(10, 90), Response = new ByteRange(50, 50) }, ExchangeMarks.Empty);

        Assert.Equal(12, answer.Join(rest).Exchange.AckedNs);
    }

    [Fact]
    public void The_first_part_has_what_came_before_it()
    {
        var part = Pipelined.Cut(new ByteRange(0, 100), new ByteRange(0, 300), isFirst: true, isLast: false).Exchange;

        Assert.Equal((4, 5, 1), (part.FirstNs, part.ConnectEndNs, part.SynRetransmits));
        Assert.Equal((20, 20, 30, 0), (part.ResponseStartNs, part.ResponseEndNs, part.AckedNs, part.UnackedBytes));
        Assert.Equal((1, 7), (part.Retransmits, part.RecoveryNs));
        Assert.Null(part.ClosedNs);
    }

    [Fact]
    public void A_part_in_the_middle_has_the_times_of_its_own_bytes()
    {
        var (part, marks) = Pipelined.Cut(new ByteRange(100, 200), new ByteRange(300, 600), isFirst: false, isLast: false);

        Assert.Equal((10, 10, 10), (part.FirstNs, part.RequestStartNs, part.RequestEndNs));
        Assert.Equal((21, 21, 30, 0), (part.ResponseStartNs, part.ResponseEndNs, part.AckedNs, part.UnackedBytes));
        Assert.Equal((0, 0, 30), (part.Retransmits, part.RecoveryNs, part.LastNs));
        Assert.Null(part.ConnectEndNs);
        Assert.Null(part.ClosedNs);
        Assert.Equal(new StreamMark(200, 10), Assert.Single(marks.Request));
    }

    [Fact]
    public void The_last_part_has_what_was_never_acknowledged_and_the_end()
    {
        var part = Pipelined.Cut(new ByteRange(200, 300), new ByteRange(600, 900), isFirst: false, isLast: true).Exchange;

        Assert.Equal((22, null, 300), (part.ResponseEndNs, part.AckedNs, part.UnackedBytes));
        Assert.Equal((1, 40, 40, 3), (part.Retransmits, part.ClosedNs, part.LastNs, part.RwndLimitedNs));
    }

    [Fact]
    public void Joining_keeps_what_each_part_saw_of_the_path_and_of_the_peer()
    {
        var first = new TracedExchange(
            Server with
            {
                EgressDrops = 1,
                RepeatedRetransmits = 3,
                IdleNs = 700,
                RttNs = 40,
                LeastRttNs = 5,
                PeerSentReset = false,
                PeerSynackRetransmits = 2,
            },
            ExchangeMarks.Empty);
        var second = new TracedExchange(
            Server with
            {
                EgressDrops = 4,
                RepeatedRetransmits = 2,
                IdleNs = 6,
                RttNs = 30,
                LeastRttNs = 4,
                PeerSentReset = true,
            },
            ExchangeMarks.Empty);

        var joined = first.Join(second).Exchange;

        Assert.Equal((5, 3, 700, 40, 4), (joined.EgressDrops, joined.RepeatedRetransmits, joined.IdleNs, joined.RttNs, joined.LeastRttNs));
        Assert.Equal((true, 2), (joined.PeerSentReset, joined.PeerSynackRetransmits));
    }

    [Fact]
    public void A_cut_gives_the_silence_before_to_the_first_part_and_own_drops_to_the_last()
    {
        var whole = Pipelined with
        {
            Exchange = Pipelined.Exchange with { IdleNs = 700, EgressDrops = 2, RepeatedRetransmits = 1, RttNs = 40, LeastRttNs = 5, PeerSynackRetransmits = 1 },
        };

        var first = whole.Cut(new ByteRange(0, 100), new ByteRange(0, 300), isFirst: true, isLast: false).Exchange;
        var middle = whole.Cut(new ByteRange(100, 200), new ByteRange(300, 600), isFirst: false, isLast: false).Exchange;
        var last = whole.Cut(new ByteRange(200, 300), new ByteRange(600, 900), isFirst: false, isLast: true).Exchange;

        Assert.Equal([700, null, null], new[] { first, middle, last }.Select(part => part.IdleNs));
        Assert.Equal([0, 0, 2], new[] { first, middle, last }.Select(part => part.EgressDrops));
        Assert.Equal([1, 0, 1], new[] { first, middle, last }.Select(part => part.RepeatedRetransmits));
        Assert.Equal([1, 0, 0], new[] { first, middle, last }.Select(part => part.PeerSynackRetransmits));
        Assert.All([first, middle, last], part => Assert.Equal((40, 5), (part.RttNs, part.LeastRttNs)));
    }

    [Fact]
    public void All_of_it_is_itself()
    {
        Assert.Same(Pipelined, Pipelined.Cut(new ByteRange(0, 300), new ByteRange(0, 900), isFirst: true, isLast: true));
    }

    [Fact]
    public void Beyond_the_limit_of_marks_only_the_newest_moves_on()
    {
        var marks = new MarkList();
        for (var i = 1; i <= 100; i++)
            marks.Add(i * 10, i);
        marks.Add(1000, 101);

        Assert.Equal(ExchangeMarks.Most, marks.ToImmutable().Length);
        Assert.Equal(new StreamMark(1000, 100), marks.ToImmutable()[^1]);
        Assert.Equal((1, 63, 100, null), (marks.TimeOf(0), marks.TimeOf(625), marks.TimeOf(630), marks.TimeOf(1000)));
    }
}
