using CrossLayer.Actors.Connections;

namespace CrossLayer.Actors.Tests.Connections;

public sealed class ExchangeMarksTests
{
    [Fact]
    public void Of_exchanges_that_count_as_one_all_marks_are_kept_while_they_are_few()
    {
        var joined = Marks(0, 2).Then(Marks(2, 3));

        Assert.Equal(Stream(0, 5), joined.Request.ToArray());
        Assert.Equal(Stream(0, 5), joined.Response.ToArray());
        Assert.Equal(Stream(0, 5), joined.Acked.ToArray());
        Assert.Equal([0L, 1, 2, 3, 4], joined.Retransmits.ToArray());
    }

    [Fact]
    public void As_many_as_count_as_one_the_newest_mark_moves_on_and_no_more_are_kept()
    {
        var joined = ExchangeMarks.Empty;
        for (var i = 0; i < 10_000; i++)
            joined = joined.Then(Marks(3 * i, 3));

        Assert.Equal([.. Stream(0, ExchangeMarks.MostJoined - 1), new StreamMark(29_999, 29_999)], joined.Request.ToArray());
        Assert.Equal(ExchangeMarks.MostJoined, joined.Retransmits.Length);
        Assert.Equal(joined.Request.ToArray(), joined.Then(ExchangeMarks.Empty).Request.ToArray());
    }

    private static ExchangeMarks Marks(int from, int count) => new([.. Stream(from, count)], [.. Stream(from, count)], [.. Stream(from, count)], [.. Enumerable.Range(from, count).Select(i => (long)i)]);

    private static StreamMark[] Stream(int from, int count) => [.. Enumerable.Range(from, count).Select(i => new StreamMark(i, i))];
}
