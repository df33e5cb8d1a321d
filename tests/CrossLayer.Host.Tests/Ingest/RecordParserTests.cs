using System.Text;
using CrossLayer.Host.Ingest;

namespace CrossLayer.Host.Tests.Ingest;

public class RecordParserTests
{
    private const string Good = """{"request_id":"a","latency_ms":1,"result":"success"}""";
    private const string Bad = """{"request_id":"b","latency_ms":-1,"result":"success"}""";

    [Theory]
    [InlineData(Good, 1)]
    [InlineData($"[{Good}]", 1)]
    [InlineData($"\uFEFF[{Good},\n{Good}]", 2)]
    [InlineData($"{Good}\n{Good}\n\n{Good}", 3)]
    [InlineData($"{Good}\r\n{Good}\r\n", 2)]
    [InlineData("[]", 0)]
    [InlineData("\n{\n\"request_id\": 7,\n\"latency_ms\": 2.5,\n\"result\": \"timeout\"\n}\n", 1)]
    public void Reads_an_array_an_object_and_lines(string text, int expected)
    {
        var found = Parse(text);

        Assert.Equal((expected, 0, null), (found!.Records.Count, found.Rejected, found.FirstError));
    }

    [Theory]
    [InlineData($"[{Good},\n{Bad},\n{Good}]", 2, 1, "body, line 2: latency_ms is -1; expected a number from 0 to")]
    [InlineData($"{Good}\n{Bad}\n{Good}", 2, 1, "body, line 2: latency_ms is -1;")]
    [InlineData($"{Good}\n{{\"request_id\":\n{Good}", 2, 1, "body, line 3: not JSON")]
    [InlineData($"{Good}\nno json\n\n{Good}\n{{", 2, 2, "body, line 2: not JSON")]
    [InlineData($"[{Good},\n7,\n{Good}]", 2, 1, "body, line 2: a number; expected a request record")]
    [InlineData($"[{Good},\n{Good},\n{{\"request", 2, 1, "body, line 3: not JSON")]
    [InlineData($"[{Good}] [{Good}]", 1, 1, "body, line 1: not JSON")]
    [InlineData("3\n\"x\"\nnull", 0, 3, "body, line 1: a number;")]
    [InlineData("[[[[[[[[[[[[]]]]]]]]]]]]", 0, 1, "body, line 1: not JSON")]
    public void Takes_the_good_ones_and_names_the_first_bad_one(string text, int good, int bad, string error)
    {
        var found = Parse(text);

        Assert.Equal((good, bad), (found!.Records.Count, found.Rejected));
        Assert.StartsWith(error, found.FirstError, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', found.FirstError!);
    }

    [Theory]
    [InlineData($"[{Good},{Good},{Bad},{Good}]")]
    [InlineData($"{Good}\n{Bad}\n{Good}\n{Good}")]
    [InlineData("x\nx\nx\nx")]
    public void Gives_up_beyond_the_most_records(string text)
    {
        Assert.Null(Parse(text, 3));
        Assert.NotNull(Parse(text, 4));
    }

    [Fact]
    public void What_never_closes_is_not_looked_at_again_and_again()
    {
        var text = new StringBuilder();
        for (var i = 0; i < 20_000; i++)
            text.Append("[1,\n");
        text[0] = ' '; // no array: lines

        var watch = System.Diagnostics.Stopwatch.StartNew();
        var found = Parse(text.ToString(), int.MaxValue);

        Assert.Equal(20_000 + 1, found!.Rejected);
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(10), $"took {watch.Elapsed}");
    }

    private static ParsedRecords? Parse(string text, int most = 100) => RecordParser.Parse(Encoding.UTF8.GetBytes(text), "body", most);
}
