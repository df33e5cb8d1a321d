using CrossLayer.Actors.Requests;
using CrossLayer.Host.Files;

namespace CrossLayer.Host.Tests.Files;

public sealed class ApacheAccessLogTests : IDisposable
{
    // As httpd 2.4 wrote it.
    private const string Line = """
        {"start_us":1795470302466888,"duration_us":604,"client_ip":"192.0.2.7","client_port":"48524","local_ip":"192.0.2.1","local_port":"8082","keepalive":0,"connection_status":"+","bytes_in":153,"bytes_out":208,"status":"200","method":"POST","path":"/s","protocol":"HTTP/1.1","https":"-","unique_id":"awSz3irnSYLHEPsEGVGUowAAAFM"}
        """;

    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void A_line_becomes_a_record_of_the_server() => Assert.Equal(
        new RequestRecord
        {
            RequestId = new RequestId("awSz3irnSYLHEPsEGVGUowAAAFM"),
            LatencyMs = 0.604,
            StatusCode = 200,
            Result = RequestResult.Success,
            Role = RequestRole.Server,
            StartUnixNs = 1_795_470_302_466_888_000,
            Local = Records.EndpointOf("192.0.2.1:8082"),
            Peer = Records.EndpointOf("192.0.2.7:48524"),
            Method = "POST",
            Route = "/s",
            RequestBytes = 153,
            ResponseBytes = 208,
            ConnectionRequest = 1,
            Service = "apache",
            Protocol = "HTTP/1.1",
            ResolutionMs = 0.001,
        },
        Read());

    [Fact]
    public void The_shipped_format_has_every_field_that_is_read_and_no_other()
    {
        var unknown = new UnknownFields();
        Records.FromJson(ApacheAccessLog.Kind, Line, unknown);

        Assert.Equal("", unknown.ToString());
        Assert.Equal(Records.NamesIn(Line), LogLine.Fields(LogLine.Shipped("apache", "crosslayer.conf").Split("LogFormat \"")[1]));
    }

    [Theory]
    [InlineData(0, "+", 200, 1)]
    [InlineData(6, "+", 404, 7)]
    [InlineData(2, "-", 200, 3)]
    [InlineData(0, "-", 400, null)]
    [InlineData(3, "X", 200, null)]
    public void The_place_on_the_connection_is_given_where_httpd_counts_it(int keepalive, string connection, int status, int? place) =>
        Assert.Equal(place, Read(("keepalive", $"{keepalive}"), ("connection_status", $"\"{connection}\""), ("status", $"\"{status}\"")).ConnectionRequest);

    [Fact]
    public void Of_later_requests_the_bytes_read_are_not_taken_since_httpd_counts_what_it_peeks_at()
    {
        var record = Read(("keepalive", "1"));

        Assert.Equal((null, 208L), (record.RequestBytes, record.ResponseBytes));
    }

    [Fact]
    public void Inside_TLS_no_bytes_are_taken_since_they_are_the_encrypted_ones()
    {
        var record = Read(("https", "\"on\""));

        Assert.True(record.Tls);
        Assert.Equal((null, null), (record.RequestBytes, record.ResponseBytes));
    }

    [Theory]
    [InlineData("200", "+", RequestResult.Success, null)]
    [InlineData("404", "-", RequestResult.HttpError, null)]
    [InlineData("200", "X", RequestResult.Error, "client_closed_request")]
    public void Status_and_connection_say_what_became_of_the_request(string status, string connection, RequestResult result, string? error)
    {
        var record = Read(("status", $"\"{status}\""), ("connection_status", $"\"{connection}\""));

        Assert.Equal((result, error), (record.Result, record.ErrorType));
    }

    [Fact]
    public void Httpds_own_escapes_break_no_line() => Assert.Equal(
        ["/\uFFFD\"x", "/ä\\\"{}|x]\v\n", "/a", null],
        LogLine.ReadFile(ApacheAccessLog.Kind, _folder,
            Line.Replace("/s\"", "/\\xff\\\"x\"", StringComparison.Ordinal),
            Line.Replace("/s\"", "/\\xc3\\xa4\\\\\\\"{}|x]\\v\\n\"", StringComparison.Ordinal),
            Line.Replace("/s\"", "/a?user=1\"", StringComparison.Ordinal),
            Line.Replace("/s\"", "-\"", StringComparison.Ordinal)).Select(record => record.Route));

    [Fact]
    public void A_connection_on_which_nothing_was_asked_is_no_request() =>
        Assert.Throws<NoRequestException>(() => Read(("bytes_in", "0"), ("status", "\"408\""), ("method", "\"-\"")));

    [Fact]
    public void Without_mod_unique_id_a_request_is_named_after_its_start_port_and_place() =>
        Assert.Equal("1795470302466888-48524-4", Read(("unique_id", "\"-\""), ("keepalive", "4")).RequestId.Text);

    [Theory]
    [InlineData("start_us", null, "start_us is missing")]
    [InlineData("duration_us", "-1", "duration_us is -1; expected a whole number from 0 to 10000000000000")]
    [InlineData("client_ip", "\"-\"", "client_ip is \"-\"; expected an IP address")]
    [InlineData("local_port", null, "local_port is missing")]
    [InlineData("bytes_out", "\"-\"", "bytes_out is \"-\"; expected a whole number")]
    [InlineData("status", "\"-\"", "status is \"-\"; expected a whole number from 0 to 999")]
    public void What_cannot_be_used_is_named(string field, string? value, string expected) =>
        Assert.StartsWith(expected, Assert.Throws<FieldException>(() => Read((field, value))).Message, StringComparison.Ordinal);

    public void Dispose() => _folder.Dispose();

    private static RequestRecord Read(params (string Field, string? Value)[] changes) => LogLine.Read(ApacheAccessLog.Kind, Line, changes);
}
