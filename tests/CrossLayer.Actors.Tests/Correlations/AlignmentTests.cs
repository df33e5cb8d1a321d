using CrossLayer.Actors.Correlations;

namespace CrossLayer.Actors.Tests.Correlations;

public class AlignmentTests
{
    [Fact]
    public void Each_request_gets_the_record_with_its_bytes()
    {
        var placement = Place(1, [At(0, 100, 500), At(10, 100, 600)], [Of(0, 100, 500), Of(10, 100, 600)]);

        Assert.Equal((1, 1, 1, 1), Group(placement));
        Assert.False(placement.IsAmbiguous);
    }

    [Fact]
    public void A_request_whose_record_is_missing_gets_none()
    {
        var placement = Place(1, [At(0, 100, 500), At(10, 110, 600), At(20, 120, 700)], [Of(0, 100, 500), Of(20, 120, 700)]);

        Assert.Equal((1, 1, 0, 0), Group(placement));
        Assert.False(placement.IsAmbiguous);
    }

    [Fact]
    public void A_record_whose_request_is_missing_is_passed_over()
    {
        var placement = Place(1, [At(0, 100, 500), At(20, 120, 700)], [Of(0, 100, 500), Of(10, 110, 600), Of(20, 120, 700)]);

        Assert.Equal((1, 1, 2, 1), Group(placement));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void A_record_that_fits_two_requests_equally_well_is_ambiguous_at_both(int target)
    {
        var both = Of(0, null, null) with { EndNs = Ms(7) };

        Assert.True(Place(target, [At(0, 100, 500), At(4, 100, 500)], [both]).IsAmbiguous);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Two_turns_that_together_have_a_records_bytes_are_one_request(int target)
    {
        var placement = Place(target, [At(0, 200, 25), At(4, 1000, 500)], [Of(0, 1200, 525) with { EndNs = Ms(7) }]);

        Assert.Equal((0, 2, 0, 1), Group(placement));
        Assert.False(placement.IsAmbiguous);
    }

    [Fact]
    public void One_turn_that_has_the_bytes_of_three_records_is_three_requests()
    {
        var placement = Place(0, [At(0, 350, 900)], [Of(0, 100, 300), Of(0, 120, 400), Of(0, 130, 200)]);

        Assert.Equal((0, 1, 0, 3), Group(placement));
        Assert.False(placement.IsAmbiguous);
    }

    [Fact]
    public void A_group_may_last_longer_than_its_first_record()
    {
        // The server reads three and a half requests, answers three, then reads the rest.
        var placement = Place(1, [At(0, 150, 300), At(20, 100, 400), At(40, 50, 500)], [Of(0, 100, 300), Of(20, 100, 400), Of(40, 100, 500)]);

        Assert.Equal((0, 3, 0, 3), Group(placement));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public void All_that_follows_is_a_tunnels(int target)
    {
        var tunnel = Of(0, null, null) with { EndNs = Ms(11), IsTunnel = true };

        Assert.Equal((0, 3, 0, 1), Group(Place(target, [At(0, 100, 130), At(4, 700, 800), At(8, 9, 10)], [tunnel])));
    }

    [Fact]
    public void A_record_that_may_belong_to_an_earlier_request_leaves_this_one_to_the_next()
    {
        Claim[] claims = [Of(0, null, null), Of(0, null, null)];

        Assert.True(Place(0, [At(0, 100, 500)], claims).IsAmbiguous);
        var placement = Place(0, [At(0, 100, 500)], [claims[0] with { Outer = Outer.Before }, claims[1]]);
        Assert.Equal((0, 1, 1, 1), Group(placement));
        Assert.False(placement.IsAmbiguous);
    }

    [Fact]
    public void A_record_that_may_belong_to_a_later_request_leaves_this_one_to_the_one_before()
    {
        var placement = Place(0, [At(0, 100, 500)], [Of(0, null, null), Of(0, null, null) with { Outer = Outer.After }]);

        Assert.Equal((0, 1, 0, 1), Group(placement));
        Assert.False(placement.IsAmbiguous);
    }

    private static Placement Place(int target, Turn[] turns, Claim[] claims) => Alignment.Place(turns, claims, target, Ms(5));

    private static (int, int, int, int) Group(Placement p) => (p.FirstTurn, p.TurnCount, p.FirstClaim, p.ClaimCount);

    /// <summary>A turn of 3 ms.</summary>
    private static Turn At(double startMs, long request, long response) => new(
        Ms(startMs), Ms(startMs + 3), Ms(startMs + 3), request, response, IsKnown: true, Birth: 0, Ordinal: 0, Cookie: null, IsOptional: false);

    /// <summary>A claim of 3 ms.</summary>
    private static Claim Of(double startMs, long? request, long? response) => new(
        Ms(startMs), Ms(startMs + 3), request, response, Ordinal: null, Cookie: null, Birth: null, CoarseNs: 0, ResolutionNs: 500_000, IsTunnel: false, Outer.None);

    private static long Ms(double ms) => (long)(ms * 1e6);
}
