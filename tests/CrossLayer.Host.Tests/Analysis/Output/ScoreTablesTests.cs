using CrossLayer.Host.Analysis.Output;

namespace CrossLayer.Host.Tests.Analysis.Output;

public sealed class ScoreTablesTests
{
    /// <summary>RFC 4180, 2.6 and 2.7.</summary>
    [Fact]
    public void What_has_commas_quotes_or_breaks_is_quoted()
    {
        using var text = new StringWriter();
        new CsvLine().Add("a,b").Add("say \"no\"").Add("two\nlines").Add("plain").Add((string?)null).Add(0.1).Add(7L).Add(true).WriteTo(text);

        Assert.Equal("\"a,b\",\"say \"\"no\"\"\",\"two\nlines\",plain,,0.1,7,1\r\n", text.ToString());
    }

    [Fact]
    public void There_is_a_line_for_each_request_and_five_columns_for_each_detector()
    {
        using var text = new StringWriter();
        ScoreTables.WriteRequests(text, LiteralExperiment.Whole, CancellationToken.None);
        var lines = text.ToString().Split("\r\n", StringSplitOptions.RemoveEmptyEntries);

        Assert.Equal(1 + LiteralExperiment.Whole.Episodes.Sum(episode => episode.Requests.Count), lines.Length);
        Assert.All(lines, line => Assert.Equal(11 + (5 * 4), line.Split(',').Length));
        // The third request of the second episode: both touched and impacted; union and cross_layer alarm at 2.2 s.
        Assert.Equal(
            "0001,fault,path_loss,n2,/bytes/{n},1700000002000000000,100,right,1,1,1,0,0,0,,,1,0,0.6,1700000002200000000,,1,0,0.6,1700000002200000000,,1,0,0.9,1700000002200000000,path_loss",
            lines[5]);
    }

    [Fact]
    public void There_is_a_line_for_each_episode()
    {
        using var text = new StringWriter();
        ScoreTables.WriteEpisodes(text, LiteralExperiment.Whole);
        var lines = text.ToString().Split("\r\n", StringSplitOptions.RemoveEmptyEntries);

        Assert.Equal(1 + 9, lines.Length);
        Assert.StartsWith("0001,fault,path_loss,medium,path_loss,with_impact,6,3,2,1700000002000000000,1700000005100000000,0,,1,1,unknown,", lines[2], StringComparison.Ordinal);
        Assert.EndsWith(",1,200,2,0,path_loss", lines[2], StringComparison.Ordinal);
        Assert.EndsWith(",0,,0,0,", lines[3], StringComparison.Ordinal);
    }
}
