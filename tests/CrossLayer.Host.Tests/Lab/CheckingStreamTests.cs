using CrossLayer.Host.Experiments;
using CrossLayer.Host.Lab.Traffic;
using CrossLayer.Host.Serving;

namespace CrossLayer.Host.Tests.Lab;

public sealed class CheckingStreamTests
{
    private const string Nonce = "00ff00ff00ff00ff";

    [Theory]
    [InlineData(10_000)]
    [InlineData(1)]
    [InlineData(7)]
    public void The_body_of_the_nonce_is_right_in_whatever_pieces_it_comes(int piece)
    {
        var body = Body(10_000);
        var check = new CheckingStream(Nonce, body.Length, TimeSpan.Zero);
        for (var i = 0; i < body.Length; i += piece)
            check.Write(body.AsSpan(i, Math.Min(piece, body.Length - i)));
        Assert.Equal(Outcome.Right, check.Outcome);
    }

    [Theory]
    [InlineData(0, "None")]
    [InlineData(1, "Short")]
    [InlineData(9_999, "Short")]
    [InlineData(10_000, "Right")]
    public void Less_than_was_asked_for_is_short(int came, string expected)
    {
        var check = new CheckingStream(Nonce, 10_000, TimeSpan.Zero);
        check.Write(Body(10_000).AsSpan(0, came));
        Assert.Equal(expected, check.Outcome.ToString());
    }

    [Fact]
    public void More_than_was_asked_for_is_wrong()
    {
        var check = new CheckingStream(Nonce, 100, TimeSpan.Zero);
        check.Write(Body(101));
        Assert.Equal(Outcome.Wrong, check.Outcome);
    }

    [Fact]
    public void A_single_byte_of_another_body_is_wrong()
    {
        var body = Body(5_000);
        body[4_321] ^= 1;
        var check = new CheckingStream(Nonce, body.Length, TimeSpan.Zero);
        check.Write(body);
        Assert.Equal(Outcome.Wrong, check.Outcome);
    }

    [Fact]
    public void The_body_of_another_nonce_is_wrong()
    {
        var check = new CheckingStream("another", 16, TimeSpan.Zero);
        check.Write(Body(16));
        Assert.Equal(Outcome.Wrong, check.Outcome);
    }

    private static byte[] Body(int bytes)
    {
        var body = new byte[bytes];
        new SignedBody(Nonce).Fill(0, body);
        return body;
    }
}
