using CrossLayer.Host.Files;

namespace CrossLayer.Host.Tests.Files;

public class InternedTextTests
{
    [Fact]
    public void A_text_that_is_known_allocates_nothing()
    {
        var texts = new InternedText(most: 1);
        var first = texts.Of("NO_SOCKET");

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
            Assert.Same(first, texts.Of("NO_SOCKET"));

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void What_finds_no_room_is_right_all_the_same()
    {
        var texts = new InternedText(most: 1);
        texts.Of("a");

        Assert.Equal("b", texts.Of("b"));
        Assert.NotSame(texts.Of("b"), texts.Of("b"));
    }
}
