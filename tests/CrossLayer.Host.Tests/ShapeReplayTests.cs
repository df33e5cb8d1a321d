using CrossLayer.Tests.Shapes;

namespace CrossLayer.Host.Tests;

/// <summary>Recordings of real traffic through the graph again (tests/fixtures/README.md).</summary>
public sealed class ShapeReplayTests
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "fixtures", "shapes");

    public static TheoryData<string, Reporters> Shapes()
    {
        var shapes = new TheoryData<string, Reporters>();
        foreach (var name in Directory.GetDirectories(Folder).Select(folder => Path.GetFileName(folder)!).Order(StringComparer.Ordinal))
            foreach (var reporters in Of(name).Reporters())
                shapes.Add(name, reporters);
        return shapes;
    }

    [Theory, MemberData(nameof(Shapes))]
    public async Task A_recorded_shape_gives_the_correlations_that_were_found_right(string shape, Reporters reporters)
    {
        var fixture = Of(shape);
        Assert.Equal(fixture.Expected(reporters), await fixture.ReplayAsync(reporters));
    }

    [Theory, MemberData(nameof(Shapes))]
    public async Task Its_ends_on_two_hosts_whose_clocks_are_seconds_apart_give_the_same(string shape, Reporters reporters)
    {
        const long monotonicNs = 3_700_000_000, wallNs = -2_000_000_000;
        var fixture = Of(shape);

        var replayed = await fixture.ReplayAsTwoHostsAsync(reporters, monotonicNs, wallNs);

        // A connection that is older than the probe tells nothing of the clocks.
        Assert.Equal(shape == "older-connection", replayed is null);
        if (replayed is not var (lines, clock))
            return;
        var (ahead, error) = clock.At(0);
        Assert.InRange(monotonicNs, ahead - error, ahead + error);
        // In order of closing they are but for what the clocks may be off.
        Assert.Equal(fixture.Expected(reporters).Order(), lines.Order());
    }

    /// <summary>
    /// Where one end alone cannot tell requests apart: pipelined ones, if only the other end reports them, share their evidence; the first
    /// behind a TLS handshake, as its client reports it, may be found no exchange.
    /// </summary>
    private static bool IsWeakerFromOneEnd(string shape, Reporters reporters) =>
        shape == "tls" || (shape.StartsWith("pipelining", StringComparison.Ordinal) && reporters != Reporters.Both);

    [Theory, MemberData(nameof(Shapes))]
    public async Task Its_ends_correlated_on_two_hosts_and_joined_afterwards_give_the_same(string shape, Reporters reporters)
    {
        var fixture = Of(shape);
        var (expected, joined) = (fixture.Expected(reporters), await fixture.ReplayAsHalvesAsync(reporters, 3_700_000_000, -2_000_000_000));
        if (IsWeakerFromOneEnd(shape, reporters))
        {
            Assert.Equal(expected.Select(IdOf).Order(), joined.Select(IdOf).Order());
            Assert.All(joined, line => Assert.DoesNotContain("\"verdict\":\"discrepant\"", line, StringComparison.Ordinal));
            return;
        }

        Assert.True(expected.Order().SequenceEqual(joined.Order()), $"expected\n{string.Join('\n', expected)}\nbut\n{string.Join('\n', joined)}");
    }

    [Fact]
    public void No_recording_names_anything_but_loopback() =>
        Assert.All(Directory.GetFiles(Folder, "*.jsonl", SearchOption.AllDirectories).SelectMany(File.ReadLines),
            line => Assert.Equal(line.Split("_endpoint\":\"").Length, line.Split("_endpoint\":\"127.0.0.1:").Length));

    private static string IdOf(string line) => line[..line.IndexOf(',', StringComparison.Ordinal)];

    private static ShapeFixture Of(string shape) => new(Path.Combine(Folder, shape));
}
