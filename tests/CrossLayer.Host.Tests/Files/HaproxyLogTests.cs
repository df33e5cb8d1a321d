using CrossLayer.Actors.Requests;
using CrossLayer.Host.Files;

namespace CrossLayer.Host.Tests.Files;

public sealed class HaproxyLogTests : IDisposable
{
    // As HAProxy 2.6 wrote it.
    private const string Line = """
        {"accept_s":1795470298,"accept_ms":"072","handshake_ms":0,"idle_ms":3,"active_ms":"7","client_ip":"192.0.2.7","client_port":"45254","frontend_ip":"192.0.2.1","frontend_port":"8080","connection_request":"2","status":200,"termination_state":"--","method":"GET","path":"/file.bin","protocol":"HTTP/1.1","ssl_version":"-","unique_id":"-","pid":6466,"request_counter":11,"request_ms":0,"queue_ms":0,"connect_ms":0,"response_ms":1,"backend_ip":"192.0.2.1","backend_port":"48690","server_ip":"192.0.2.9","server_port":"80","bytes_uploaded":"90","bytes_read":"100210","retries":"0"}
        """;

    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void A_line_becomes_a_record_of_the_frontend() => Assert.Equal(
        new RequestRecord
        {
            RequestId = new RequestId("6466-11"),
            LatencyMs = 7,
            StatusCode = 200,
            Result = RequestResult.Success,
            Role = RequestRole.Server,
            StartUnixNs = 1_795_470_298_075_000_000,
            Local = Records.EndpointOf("192.0.2.1:8080"),
            Peer = Records.EndpointOf("192.0.2.7:45254"),
            Method = "GET",
            Route = "/file.bin",
            ConnectionRequest = 2,
            Service = "haproxy",
            Protocol = "HTTP/1.1",
            ResolutionMs = 2,
        },
        Read());

    [Fact]
    public void The_shipped_format_has_every_field_that_is_read_and_no_other()
    {
        var unknown = new UnknownFields();
        Records.FromJson(HaproxyLog.Kind, Line, unknown);

        Assert.Equal("", unknown.ToString());
        Assert.Equal(Records.NamesIn(Line), LogLine.Fields(LogLine.Shipped("haproxy", "crosslayer.cfg").Split("log-format '")[1]));
    }

    [Theory]
    [InlineData("--", "200", RequestResult.Success, null)]
    [InlineData("LR", "302", RequestResult.Success, null)]
    [InlineData("SH", "502", RequestResult.HttpError, null)]
    [InlineData("sH", "504", RequestResult.HttpError, null)]
    [InlineData("SC", "503", RequestResult.HttpError, null)]
    [InlineData("CD", "200", RequestResult.Error, "client_closed_request")]
    [InlineData("CH", "-1", RequestResult.Error, "client_closed_request")]
    [InlineData("CL", "200", RequestResult.Error, "client_closed_request")]
    [InlineData("cD", "200", RequestResult.Error, "client_timeout")]
    [InlineData("SD", "200", RequestResult.Error, "server_closed")]
    [InlineData("sD", "200", RequestResult.Error, "server_timeout")]
    [InlineData("KD", "-1", RequestResult.Error, null)]
    public void Status_and_termination_state_say_what_became_of_the_request(string state, string status, RequestResult result, string? error)
    {
        var record = Read(("termination_state", $"\"{state}\""), ("status", status));

        Assert.Equal((result, error), (record.Result, record.ErrorType));
        Assert.Equal(Math.Max(0, int.Parse(status, null)), record.StatusCode);
    }

    [Fact]
    public void What_the_syslog_daemon_wrote_before_the_object_is_skipped_and_lines_without_one_are_no_requests()
    {
        var path = _folder.File("haproxy.log", $"Nov 23 21:45:00 host haproxy[6466]: {Line}\n[NOTICE] (6466) : New worker (6468) forked\n\n{Line}\n");
        using var reader = RecordReader<RequestRecord>.Open(path, HaproxyLog.Kind);

        Assert.Equal(2, reader.ReadAll().Count());
        Assert.Equal($"{path}: 1 lines tell of no request", reader.Warning);
    }

    [Fact]
    public void Backslashes_and_encoded_bytes_are_those_of_the_path_and_break_no_line() => Assert.Equal(
        ["/a\\b%22\"ü#", "/a\\", "/", null],
        LogLine.ReadFile(HaproxyLog.Kind, _folder,
            Line.Replace("/file.bin", "/a\\b%22#22#c3#bc#", StringComparison.Ordinal),
            Line.Replace("/file.bin", "/a\\", StringComparison.Ordinal),
            Line.Replace("/file.bin", "/?user=1", StringComparison.Ordinal),
            Line.Replace("/file.bin", "", StringComparison.Ordinal)).Select(record => record.Route));

    [Fact]
    public void A_client_that_left_before_it_had_asked_is_no_request_and_a_bad_request_that_was_answered_is_one()
    {
        var bad = new[] { ("method", "\"<BADREQ>\""), ("path", "\"<BADREQ>\""), ("protocol", "\"<BADREQ>\""), ("connection_request", (string?)"\"-\"") };

        Assert.Throws<NoRequestException>(() => Read([.. bad, ("termination_state", "\"CR\""), ("status", "400")]));
        Assert.Throws<NoRequestException>(() => Read([.. bad, ("termination_state", "\"cR\""), ("status", "408")]));
        var record = Read([.. bad, ("termination_state", "\"PR\""), ("status", "400")]);
        Assert.Equal((null, null, null, null), (record.Method, record.Route, record.Protocol, record.ConnectionRequest));
        Assert.Equal((400, RequestResult.HttpError), (record.StatusCode, record.Result));
    }

    [Fact]
    public void TLS_HTTP_2_IPv6_and_a_unique_id_are_read()
    {
        var record = Read(("ssl_version", "\"TLSv1.3\""), ("protocol", "\"HTTP/2.0\""), ("client_ip", "\"2001:db8::7\""), ("frontend_ip", "\"::1\""), ("unique_id", "\"u-1\""));

        Assert.True(record.Tls);
        Assert.True(record.SharesConnection);
        Assert.Equal((Records.EndpointOf("[::1]:8080"), Records.EndpointOf("[2001:db8::7]:45254")), (record.Local, record.Peer));
        Assert.Equal("u-1", record.RequestId.Text);
    }

    [Fact]
    public void A_request_over_a_unix_socket_has_no_endpoints()
    {
        var record = Read(("client_ip", "\"unix\""), ("client_port", "\"1\""));

        Assert.Equal((null, null), (record.Local, record.Peer));
    }

    [Theory]
    [InlineData("active_ms", "\"+7\"", "active_ms is \"+7\"; expected a whole number from 0 to 10000000000")]
    [InlineData("accept_s", null, "accept_s is missing")]
    [InlineData("client_ip", "\"-\"", "client_ip is \"-\"; expected an IP address or unix")]
    [InlineData("client_port", null, "client_port is missing")]
    [InlineData("frontend_port", "\"x\"", "frontend_port is \"x\"; expected a whole number from 0 to 65535")]
    [InlineData("termination_state", null, "termination_state is missing")]
    [InlineData("request_counter", null, "unique_id, or pid and request_counter, is missing")]
    [InlineData("connection_request", "\"0\"", "connection_request is \"0\"; expected a whole number from 1 to 2147483647")]
    public void What_cannot_be_used_is_named(string field, string? value, string expected) =>
        Assert.StartsWith(expected, Assert.Throws<FieldException>(() => Read((field, value))).Message, StringComparison.Ordinal);

    [Fact]
    public void A_start_beyond_what_nanoseconds_can_tell_is_refused() => Assert.StartsWith(
        "accept_s is 9223372035; expected",
        Assert.Throws<FieldException>(() => Read(("accept_s", "9223372035"), ("idle_ms", "10000000000"))).Message, StringComparison.Ordinal);

    public void Dispose() => _folder.Dispose();

    private static RequestRecord Read(params (string Field, string? Value)[] changes) => LogLine.Read(HaproxyLog.Kind, Line, changes);
}
