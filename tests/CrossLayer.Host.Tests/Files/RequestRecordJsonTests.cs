using CrossLayer.Actors.Requests;
using CrossLayer.Host.Files;

namespace CrossLayer.Host.Tests.Files;

public class RequestRecordJsonTests
{
    private static readonly RecordKind<RequestRecord> Kind = RequestRecordJson.Kind;

    [Theory]
    [InlineData("GET")]
    [InlineData("")]
    [InlineData("1 2")]
    [InlineData("1.")]
    [InlineData("\"1\"")]
    public void An_id_that_a_damaged_row_calls_a_number_is_written_as_a_text(string text) => Assert.Contains(
        $"\"request_id\":\"{text.Replace("\"", "\\\"", StringComparison.Ordinal)}\"",
        Records.ToJson(RequestRecordJson.Kind, Records.Request(1) with { RequestId = new RequestId(text, IsNumber: true) }), StringComparison.Ordinal);

    [Fact]
    public void Times_that_JSON_cannot_hold_are_null_or_left_out()
    {
        var json = Records.ToJson(RequestRecordJson.Kind, Records.Request(1) with { LatencyMs = double.NaN, ResolutionMs = double.PositiveInfinity });

        Assert.Contains("\"latency_ms\":null", json, StringComparison.Ordinal);
        Assert.DoesNotContain("resolution_ms", json, StringComparison.Ordinal);
    }

    [Fact]
    public void A_full_record_comes_back() =>
        Assert.Equal(Records.FullRequest, Records.FromJson(Kind, Records.ToJson(Kind, Records.FullRequest)));

    [Fact]
    public void A_full_record_has_the_promised_names() => Assert.Equal(
        [
            "request_id", "latency_ms", "status_code", "result", "role", "start_unix_ns", "local_endpoint", "peer_endpoint",
            "method", "route", "request_bytes", "response_bytes", "socket_cookie", "connection_request", "error_type", "service",
            "trace_id", "protocol", "tls", "resolution_ms", "expected_slow",
        ],
        Records.NamesIn(Records.ToJson(Kind, Records.FullRequest)));

    [Fact]
    public void Fields_without_a_value_are_left_out() => Assert.Equal(
        """{"request_id":7,"latency_ms":7.25,"status_code":200,"result":"success","role":"client"}""",
        Records.ToJson(Kind, Records.Request(7)));

    [Theory]
    [InlineData("7")]
    [InlineData("\"7\"")]
    [InlineData("1.50")]
    [InlineData("123456789012345678901234567890")]
    [InlineData("\"\"")]
    public void A_request_id_stays_what_it_was(string id)
    {
        var record = Records.FromJson(Kind, $$"""{"request_id":{{id}},"latency_ms":1,"result":"success"}""");

        Assert.StartsWith($$"""{"request_id":{{id}},""", Records.ToJson(Kind, record), StringComparison.Ordinal);
    }

    [Fact]
    public void A_record_without_status_and_role_is_a_client_that_got_no_response()
    {
        var record = Records.FromJson(Kind, """{"request_id":1,"latency_ms":1,"result":"timeout","status_code":null}""");

        Assert.Equal(0, record.StatusCode);
        Assert.Equal(RequestRole.Client, record.Role);
    }

    [Fact]
    public void Unknown_fields_are_noted_once_and_are_no_error()
    {
        var unknown = new UnknownFields();

        Records.FromJson(Kind, """{"x":{"y":[1]},"request_id":1,"latency_ms":1,"result":"success","x":2,"user":"u"}""", unknown);

        Assert.Equal("user, x", unknown.ToString());
    }

    [Theory]
    [InlineData("""{"latency_ms":1,"result":"success"}""", "request_id is missing")]
    [InlineData("""{"request_id":1,"result":"success"}""", "latency_ms is missing")]
    [InlineData("""{"request_id":1,"latency_ms":null,"result":"success"}""", "latency_ms is missing")]
    [InlineData("""{"request_id":1,"latency_ms":1}""", "result is missing")]
    [InlineData("""{"request_id":true}""", "request_id is true; expected a string")]
    [InlineData("""{"latency_ms":"12"}""", "latency_ms is \"12\"; expected a number from 0 to 1")]
    [InlineData("""{"latency_ms":-0.5}""", "latency_ms is -0.5; expected a number from 0 to 1")]
    [InlineData("""{"latency_ms":1e400}""", "latency_ms is 1e400; expected a number from 0 to 1")]
    [InlineData("""{"latency_ms":1e11}""", "latency_ms is 1e11; expected a number from 0 to 1")]
    [InlineData("""{"result":"ok"}""", "result is \"ok\"; expected one of success, http_error, timeout, refused, reset, error")]
    [InlineData("""{"result":3}""", "result is 3; expected one of success")]
    [InlineData("""{"role":"proxy"}""", "role is \"proxy\"; expected one of client, server")]
    [InlineData("""{"start_unix_ns":0}""", "start_unix_ns is 0; expected a whole number from 1")]
    [InlineData("""{"start_unix_ns":-1}""", "start_unix_ns is -1; expected a whole number from 1")]
    [InlineData("""{"local_endpoint":"::1:80"}""", "local_endpoint is \"::1:80\"; expected an endpoint such as")]
    [InlineData("""{"peer_endpoint":"localhost:80"}""", "peer_endpoint is \"localhost:80\"; expected an endpoint such as")]
    [InlineData("""{"peer_endpoint":{"ip":1}}""", "peer_endpoint is an object; expected an endpoint such as")]
    [InlineData("""{"method":[1]}""", "method is an array; expected a string")]
    [InlineData("""{"method":"\ud800"}""", "method is \"\\ud800\"; expected a string in valid UTF-8")]
    [InlineData("""{"request_bytes":-1}""", "request_bytes is -1; expected a whole number from 0")]
    [InlineData("""{"protocol":2}""", "protocol is 2; expected a string")]
    [InlineData("""{"tls":"on"}""", "tls is \"on\"; expected true or false")]
    [InlineData("""{"resolution_ms":-1}""", "resolution_ms is -1; expected a number from 0 to 1")]
    [InlineData("""{"connection_request":0}""", "connection_request is 0; expected a whole number from 1")]
    public void What_cannot_be_used_is_named(string json, string expected)
    {
        var exception = Assert.Throws<FieldException>(() => Records.FromJson(Kind, json));

        Assert.StartsWith(expected, exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', exception.Message);
    }
}
