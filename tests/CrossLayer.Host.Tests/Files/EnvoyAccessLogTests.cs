using System.Text.RegularExpressions;
using CrossLayer.Actors.Requests;
using CrossLayer.Host.Files;

namespace CrossLayer.Host.Tests.Files;

public class EnvoyAccessLogTests
{
    private const string Line = """
        {"start":"1764000000.123456789","duration_ms":5,"remote_address":"192.0.2.7:40000","local_address":"192.0.2.1:8080","connection_id":17,"bytes_received":78,"bytes_sent":"1234","status":200,"response_flags":"-","method":"GET","path":"/a","protocol":"HTTP/1.1","tls_version":null,"request_id":"5d3b2c"}
        """;

    [Fact]
    public void A_line_becomes_a_record_of_the_downstream_side() => Assert.Equal(
        new RequestRecord
        {
            RequestId = new RequestId("5d3b2c"),
            LatencyMs = 5,
            StatusCode = 200,
            Result = RequestResult.Success,
            Role = RequestRole.Server,
            StartUnixNs = 1_764_000_000_123_456_789,
            Local = Records.EndpointOf("192.0.2.1:8080"),
            Peer = Records.EndpointOf("192.0.2.7:40000"),
            Method = "GET",
            Route = "/a",
            RequestBytes = 78,
            ResponseBytes = 1234,
            Service = "envoy",
            Protocol = "HTTP/1.1",
            ResolutionMs = 1,
        },
        Read());

    [Fact]
    public void The_shipped_format_has_every_field_that_is_read_and_no_other()
    {
        var unknown = new UnknownFields();
        Records.FromJson(EnvoyAccessLog.Kind, Line, unknown);
        var shipped = LogLine.Shipped("envoy", "crosslayer.yaml").Split("json_format:")[1];

        Assert.Equal("", unknown.ToString());
        Assert.Equal(Records.NamesIn(Line), Regex.Matches(shipped, "^ +([a-z_]+):", RegexOptions.Multiline).Select(match => match.Groups[1].Value));
    }

    [Theory]
    [InlineData("200", "-", RequestResult.Success, null)]
    [InlineData("504", "UT", RequestResult.HttpError, null)]
    [InlineData("0", "DC", RequestResult.Error, "client_closed_request")]
    [InlineData("200", "UC,DC", RequestResult.Error, "client_closed_request")]
    [InlineData("0", "-", RequestResult.Error, null)]
    public void Status_and_flags_say_what_became_of_the_request(string status, string flags, RequestResult result, string? error)
    {
        var record = Read(("status", status), ("response_flags", $"\"{flags}\""));

        Assert.Equal((result, error), (record.Result, record.ErrorType));
    }

    [Theory]
    [InlineData("protocol", "\"HTTP/3\"", "status", "200")]
    [InlineData("method", "\"-\"", "status", "0")]
    public void What_is_no_request_over_TCP_is_none(string field, string value, string other, string otherValue) =>
        Assert.Throws<NoRequestException>(() => Read((field, value), (other, otherValue)));

    [Fact]
    public void TLS_HTTP_2_IPv6_and_pipes_are_read()
    {
        var record = Read(("tls_version", "\"TLSv1.3\""), ("protocol", "\"HTTP/2\""), ("remote_address", "\"[2001:db8::7]:40000\""));
        var pipe = Read(("remote_address", "\"@/run/envoy.sock\""));

        Assert.True(record.Tls);
        Assert.True(record.SharesConnection);
        Assert.Equal(Records.EndpointOf("[2001:db8::7]:40000"), record.Peer);
        Assert.Equal((null, null), (pipe.Local, pipe.Peer));
    }

    [Fact]
    public void Without_a_request_id_a_request_is_named_after_its_connection_and_start() =>
        Assert.Equal("17-1764000000.123456789", Read(("request_id", "\"-\"")).RequestId.Text);

    [Fact]
    public void A_query_string_in_a_format_of_ones_own_is_dropped() => Assert.Equal("/a", Read(("path", "\"/a?user=1\"")).Route);

    [Theory]
    [InlineData("start", "\"2016-04-15T20:17:00.310Z\"", "start is \"2016-04-15T20:17:00.310Z\"; expected a number")]
    [InlineData("remote_address", "\"localhost:80\"", "remote_address is \"localhost:80\"; expected an address with a port")]
    [InlineData("local_address", null, "local_address is missing")]
    [InlineData("duration_ms", "\"-\"", "duration_ms is \"-\"; expected a number")]
    public void What_cannot_be_used_is_named(string field, string? value, string expected) =>
        Assert.StartsWith(expected, Assert.Throws<FieldException>(() => Read((field, value))).Message, StringComparison.Ordinal);

    private static RequestRecord Read(params (string Field, string? Value)[] changes) => LogLine.Read(EnvoyAccessLog.Kind, Line, changes);
}
