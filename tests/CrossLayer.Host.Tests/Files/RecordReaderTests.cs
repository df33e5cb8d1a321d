using System.Text;
using CrossLayer.Actors.Requests;
using CrossLayer.Host.Files;

namespace CrossLayer.Host.Tests.Files;

public sealed class RecordReaderTests : IDisposable
{
    private const string One = """{"request_id":1,"latency_ms":1,"status_code":200,"result":"success"}""";
    private const string Two = """{"request_id":2,"latency_ms":2,"status_code":200,"result":"success"}""";

    private static readonly RecordKind<RequestRecord> Kind = RequestRecordJson.Kind;

    private readonly TemporaryFolder _folder = new();

    [Theory]
    [InlineData("[]", 0)]
    [InlineData("[" + One + "]", 1)]
    [InlineData("[\n" + One + ",\n" + Two + "\n]\n", 2)]
    [InlineData(One, 1)]
    [InlineData(One + "\n" + Two, 2)]
    [InlineData(One + "\n\n" + Two + "\n", 2)]
    [InlineData("\r\n" + One + "\r\n" + Two + "\r\n", 2)]
    [InlineData("\uFEFF[" + One + "]", 1)]
    public void Arrays_and_lines_are_told_apart_by_content(string content, int count)
    {
        var records = Records.ReadFile(Kind, _folder.File("records", content));

        Assert.Equal(Enumerable.Range(1, count), records.Select(record => int.Parse(record.RequestId.Text, null)));
    }

    [Theory]
    [InlineData("", "is empty; expected request records as a JSON array or as JSON lines")]
    [InlineData(" \n", "is empty; expected request records")]
    [InlineData("request_id,latency_ms\n1,2", ", line 1: not JSON: 'r' is an invalid start of a value; expected request records")]
    [InlineData("[\n" + One + ",\nNaN]", ", line 3: not JSON: 'N' is an invalid start of a value (JSON has no NaN")]
    [InlineData("[\n" + One + "\n" + Two + "]", ", line 3: not JSON: '{' is invalid after a value")]
    [InlineData("[" + One + ",\n17]", ", line 2: a number; expected a request record (a JSON object)")]
    [InlineData("[[" + One + "]]", ", line 1: an array; expected a request record")]
    [InlineData("17", ", line 1: a number; expected a request record")]
    [InlineData("\"x\"", ", line 1: a string; expected a request record")]
    [InlineData("null", ", line 1: null; expected a request record")]
    [InlineData("[\n" + One + ",\n" + Two, ", line 3: the file ends before its closing bracket; 2 whole request records before it")]
    [InlineData("[\n" + One + ",\n{\"request_id\":2,\n\"lat", ", line 3: the file ends inside a request record; 1 whole request record before it")]
    [InlineData(One + "\n{\"request_id\":2", ", line 2: the file ends inside a request record; 1 whole request record before it")]
    [InlineData("[", ", line 1: the file ends before its closing bracket; 0 whole request records before it")]
    [InlineData("[" + One + ",\n{\"request_id\":3,\n\"latency_ms\":-1}]", ", line 3: latency_ms is -1; expected a number from 0 to 1")]
    [InlineData(One + "\n\n{\"request_id\":3,\"latency_ms\":1}", ", line 3: result is missing")]
    public void A_file_that_cannot_be_read_says_where_and_why_in_one_line(string content, string expected)
    {
        var path = _folder.File("records.json", content);

        var exception = Assert.Throws<InputException>(() => Records.ReadFile(Kind, path));

        Assert.StartsWith(path + (expected[0] == ',' ? "" : " ") + expected, exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', exception.Message);
    }

    [Fact]
    public void A_missing_file_is_named()
    {
        var exception = Assert.Throws<InputException>(() => Records.ReadFile(Kind, _folder.File("no/such.json")));

        Assert.Equal($"{_folder.File("no/such.json")} does not exist; expected a file of request records", exception.Message);
    }

    [Fact]
    public void A_directory_is_not_a_file()
    {
        var exception = Assert.Throws<InputException>(() => Records.ReadFile(Kind, _folder.Root));

        Assert.Equal($"{_folder.Root} is a directory; expected a file of request records", exception.Message);
    }

    [Fact]
    public void Every_cut_of_a_file_is_read_or_refused_in_one_line()
    {
        var whole = Encoding.UTF8.GetBytes("[\n" + One + ",\n" + Two + "\n]\n" + One + "\n" + Two);
        var path = _folder.File("cut.json");
        for (var length = 0; length < whole.Length; length++)
        {
            File.WriteAllBytes(path, whole[..length]);
            try
            {
                Assert.InRange(Records.ReadFile(Kind, path).Count, 2, 4);
            }
            catch (InputException exception)
            {
                Assert.DoesNotContain('\n', exception.Message);
            }
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Files_longer_than_the_buffer_are_read_to_the_end(bool array)
    {
        var lines = Enumerable.Range(1, 5000).Select(number => Records.ToJson(Kind, Records.Request(number)));
        var path = _folder.File("long", array ? "[" + string.Join(",\n", lines) + "]" : string.Join("\n", lines));

        Assert.Equal(Enumerable.Range(1, 5000).Select(Records.Request), Records.ReadFile(Kind, path));
    }

    [Fact]
    public void Lines_are_counted_across_buffers()
    {
        var lines = Enumerable.Range(1, 5000).Select(number => Records.ToJson(Kind, Records.Request(number))).Append("{\"role\":1}");
        var path = _folder.File("long", string.Join("\n", lines));

        var exception = Assert.Throws<InputException>(() => Records.ReadFile(Kind, path));

        Assert.StartsWith($"{path}, line 5001: role is 1; expected one of", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_big_record_is_read_and_one_beyond_the_limit_is_refused()
    {
        string Padded(int length) => One[..^1] + ",\"padding\":\"" + new string('x', length) + "\"}";

        Assert.Equal(2, Records.ReadFile(Kind, _folder.File("big", Padded(500_000) + "\n" + Two)).Count);

        var path = _folder.File("too big", Two + "\n" + Padded(RecordSplitter.MaxRecordBytes));
        var exception = Assert.Throws<InputException>(() => Records.ReadFile(Kind, path));
        Assert.Contains($"a value longer than {RecordSplitter.MaxRecordBytes} bytes", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Unknown_fields_make_one_warning_for_the_file()
    {
        var path = _folder.File("records", One[..^1] + ",\"b\":1}\n" + Two[..^1] + ",\"a\":1,\"b\":2}");
        using var reader = RecordReader<RequestRecord>.Open(path, Kind);
        Assert.Null(reader.Warning);

        Assert.Equal(2, reader.ReadAll().Count());

        Assert.Equal($"{path}: ignored unknown fields: a, b", reader.Warning);
    }

    public void Dispose() => _folder.Dispose();
}
