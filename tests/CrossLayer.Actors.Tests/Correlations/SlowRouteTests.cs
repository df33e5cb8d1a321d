using Akka.Configuration;
using CrossLayer.Actors.Configuration;
using CrossLayer.Actors.Correlations;
using CrossLayer.Actors.Requests;

namespace CrossLayer.Actors.Tests.Correlations;

public class SlowRouteTests
{
    [Theory]
    [InlineData("")]
    [InlineData("slow-routes = []")]
    [InlineData("slow-routes = [\n]")]
    public void Without_any_every_request_has_the_one_limit(string text)
    {
        Assert.Empty(From(text).SlowRoutes);
        Assert.Equal(TimeSpan.FromMilliseconds(500), From(text).SlowLimit(RequestRole.Client, "/a"));
    }

    [Theory]
    [InlineData(RequestRole.Client, "/orders", 40)]
    [InlineData(RequestRole.Server, "/orders", 2.5)]
    [InlineData(RequestRole.Client, "/reports/7", 1000)]
    [InlineData(RequestRole.Server, "/reports/7", 1000)]
    [InlineData(RequestRole.Client, "/orders/7", 500)]
    [InlineData(RequestRole.Client, "/report", 500)]
    [InlineData(RequestRole.Client, null, 500)]
    public void A_listed_route_has_a_limit_of_its_own_for_the_role_or_for_both(RequestRole role, string? route, double limitMs)
    {
        var settings = From(
            """
            slow-routes = [
              { role = client, route = "/orders", limit = 40ms }
              { role = server, route = "/orders", limit = 2.5ms }
              { route = "/reports/*", limit = 1s }
            ]
            """);

        Assert.Equal(TimeSpan.FromMilliseconds(limitMs), settings.SlowLimit(role, route));
    }

    [Fact]
    public void The_first_that_fits_decides()
    {
        var settings = From("slow-routes = [ { route = \"/a/b\", limit = 1ms }, { route = \"/a/*\", limit = 2ms }, { route = \"/a/c\", limit = 3ms } ]");

        Assert.Equal([1, 2], ((string[])["/a/b", "/a/c"]).Select(route => settings.SlowLimit(RequestRole.Client, route).TotalMilliseconds));
    }

    [Theory]
    [InlineData("slow-routes = [\"/a\"]", "crosslayer.correlation.slow-routes, entry 1 is /a: expected an object such as { role = client, route = \"/orders\", limit = 40ms }")]
    [InlineData("slow-routes = 40ms", "crosslayer.correlation.slow-routes = 40ms: expected a list of objects such as { role = client, route = \"/orders\", limit = 40ms }")]
    [InlineData("slow-routes = [{ route = \"/a\", limit = 1ms }, { limit = 1ms }]", "crosslayer.correlation.slow-routes, entry 2 has no route: expected one such as \"/orders\" or \"/reports/*\"")]
    [InlineData("slow-routes = [{ route = \"\", limit = 1ms }]", "crosslayer.correlation.slow-routes, entry 1 has no route: expected one such as \"/orders\" or \"/reports/*\"")]
    [InlineData("slow-routes = [{ route = \"/a\" }]", "crosslayer.correlation.slow-routes, entry 1 (/a) has no limit: expected a duration above 0 such as 40ms")]
    [InlineData("slow-routes = [{ route = \"/a\", limit = 0s }]", "crosslayer.correlation.slow-routes, entry 1 (/a) has limit = 0s: expected a duration above 0 such as 40ms")]
    [InlineData("slow-routes = [{ route = \"/a\", limit = -1s }]", "crosslayer.correlation.slow-routes, entry 1 (/a) has limit = -1s: expected a duration above 0 such as 40ms")]
    [InlineData("slow-routes = [{ route = \"/a\", limit = soon }]", "crosslayer.correlation.slow-routes, entry 1 (/a) has limit = soon: expected a duration above 0 such as 40ms")]
    [InlineData("slow-routes = [{ route = \"/a\", limit = infinite }]", "crosslayer.correlation.slow-routes, entry 1 (/a) has limit = infinite: expected a duration above 0 such as 40ms")]
    [InlineData("slow-routes = [{ route = \"/a\", limit = 1e300s }]", "crosslayer.correlation.slow-routes, entry 1 (/a) has limit = 1e300s: expected a duration above 0 such as 40ms")]
    [InlineData("slow-routes = [{ role = proxy, route = \"/a\", limit = 1s }]", "crosslayer.correlation.slow-routes, entry 1 (/a) has role = proxy: expected client or server, or no role for both")]
    [InlineData("slow-routes = [{ role = 1, route = \"/a\", limit = 1s }]", "crosslayer.correlation.slow-routes, entry 1 (/a) has role = 1: expected client or server, or no role for both")]
    [InlineData("slow-routes = [{ route = \"/a\", limits = 1s, limit = 1s }]", "crosslayer.correlation.slow-routes, entry 1 has limits: expected role, route and limit")]
    [InlineData("slow-routes = [{ route = \"/a\", limit = 1s }, { role = client, route = \"/a\", limit = 1s }, { route = \"/a\", limit = 2s }]",
        "crosslayer.correlation.slow-routes, entry 3 (/a) is listed before: expected each route once for each role")]
    public void What_cannot_be_meant_is_named_in_one_line(string text, string message) =>
        Assert.Equal(message, Assert.Throws<ConfigurationException>(() => From(text)).Message);

    [Fact]
    public void What_is_written_reads_back_the_same()
    {
        SlowRoute[] routes =
        [
            new(RequestRole.Client, "/signed/300000", TimeSpan.FromMicroseconds(12_346)),
            new(RequestRole.Server, "/signed/{n}", TimeSpan.FromMicroseconds(71)),
            new(null, "/\"quoted\" \\ ${x} # é \t*", TimeSpan.FromDays(2)),
        ];

        var text = SlowRoute.ToHocon(routes);

        Assert.Contains("  { role = client, route = \"/signed/300000\", limit = 12346 microseconds }\n", text, StringComparison.Ordinal);
        Assert.Contains("limit = 3 microseconds", SlowRoute.ToHocon([new SlowRoute(null, "/a", TimeSpan.FromTicks(21))]), StringComparison.Ordinal);
        Assert.Equal(routes, Read(text));
        Assert.Empty(Read(SlowRoute.ToHocon([])));

        static IReadOnlyList<SlowRoute> Read(string text) =>
            CorrelationSettings.From(ConfigurationFactory.ParseString(text).WithFallback(DefaultConfiguration.Load())).SlowRoutes;
    }

    private static CorrelationSettings From(string text) =>
        CorrelationSettings.From(ConfigurationFactory.ParseString($"crosslayer.correlation {{ {text} }}").WithFallback(DefaultConfiguration.Load()));
}
