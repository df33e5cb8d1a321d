using CrossLayer.Actors.Requests;
using CrossLayer.Host.Files;

namespace CrossLayer.Host.Tests.Files;

public sealed class NginxAccessLogTests : IDisposable
{
    private const string Line = """
        {"msec":1764000000.123,"request_time":0.005,"remote_addr":"192.0.2.7","remote_port":"40000","server_addr":"192.0.2.1","server_port":"8080","connection":17,"connection_requests":3,"request_length":78,"bytes_sent":1234,"status":"200","request_completion":"OK","request_method":"GET","uri":"/a","server_protocol":"HTTP/1.1","https":"","request_id":"5d3b2c","tcpinfo_rtt":"43"}
        """;

    private static readonly RecordKind<RequestRecord> Kind = NginxAccessLog.Kind;

    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void A_line_becomes_a_record_of_the_server() => Assert.Equal(
        new RequestRecord
        {
            RequestId = new RequestId("5d3b2c"),
            LatencyMs = 5,
            StatusCode = 200,
            Result = RequestResult.Success,
            Role = RequestRole.Server,
            StartUnixNs = 1_764_000_000_118_000_000,
            Local = Records.EndpointOf("192.0.2.1:8080"),
            Peer = Records.EndpointOf("192.0.2.7:40000"),
            Method = "GET",
            Route = "/a",
            RequestBytes = 78,
            ResponseBytes = 1234,
            ConnectionRequest = 3,
            Service = "nginx",
            Protocol = "HTTP/1.1",
            ResolutionMs = 1,
        },
        Read());

    [Fact]
    public void The_shipped_format_has_every_field_that_is_read_and_no_other()
    {
        var unknown = new UnknownFields();
        Records.FromJson(Kind, Line, unknown);
        var shipped = File.ReadLines(Path.Combine(Repository, "config", "nginx", "crosslayer.conf"))
            .Where(line => line.StartsWith("    '", StringComparison.Ordinal))
            .SelectMany(line => line.Split('"').Where(part => part.Length > 0 && char.IsAsciiLetterLower(part[0])));

        Assert.Equal("", unknown.ToString());
        Assert.Equal(Records.NamesIn(Line), shipped);
    }

    [Theory]
    [InlineData("1764000000.999", "0.000", 1_764_000_000_999_000_000)]
    [InlineData("\"1764000000.001\"", "\"0.002\"", 1_763_999_999_999_000_000)]
    [InlineData("1764000000.123456789", "0.000000001", 1_764_000_000_123_456_788)]
    [InlineData("1764000000", "3600.100", 1_763_996_399_900_000_000)]
    public void The_start_is_the_time_of_the_line_less_the_request_without_rounding(string msec, string requestTime, long expected) =>
        Assert.Equal(expected, Read(("msec", msec), ("request_time", requestTime)).StartUnixNs);

    [Theory]
    [InlineData("200", RequestResult.Success, null)]
    [InlineData("\"304\"", RequestResult.Success, null)]
    [InlineData("399", RequestResult.Success, null)]
    [InlineData("404", RequestResult.HttpError, null)]
    [InlineData("408", RequestResult.HttpError, null)]
    [InlineData("504", RequestResult.HttpError, null)]
    [InlineData("499", RequestResult.Error, "client_closed_request")]
    [InlineData("\"000\"", RequestResult.Error, null)]
    public void The_status_says_what_became_of_the_request(string status, RequestResult result, string? errorType)
    {
        var record = Read(("status", status));

        Assert.Equal((result, errorType), (record.Result, record.ErrorType));
        Assert.Equal(int.Parse(status.Trim('"'), null), record.StatusCode);
    }

    [Fact]
    public void An_IPv6_address_needs_no_brackets_in_the_log()
    {
        var record = Read(("remote_addr", "\"2001:db8::7\""), ("server_addr", "\"::1\""), ("server_port", "443"));

        Assert.Equal(Records.EndpointOf("[2001:db8::7]:40000"), record.Peer);
        Assert.Equal(Records.EndpointOf("[::1]:443"), record.Local);
    }

    [Theory]
    [InlineData("remote_addr", "\"unix:\"")]
    [InlineData("server_addr", "\"unix:/run/nginx.sock\"")]
    public void A_request_over_a_unix_socket_has_no_endpoints(string field, string value)
    {
        var record = Read((field, value), ("remote_port", "\"\""), ("server_port", null));

        Assert.Null(record.Local);
        Assert.Null(record.Peer);
    }

    [Fact]
    public void Https_on_is_TLS() => Assert.True(Read(("https", "\"on\"")).Tls);

    [Fact]
    public void A_request_that_nginx_could_not_read_has_no_method_path_or_protocol()
    {
        var record = Read(("request_method", "\"\""), ("uri", "\"\""), ("server_protocol", null), ("status", "400"));

        Assert.Equal((null, null, null), (record.Method, record.Route, record.Protocol));
    }

    [Fact]
    public void A_query_string_in_a_format_of_ones_own_is_dropped() => Assert.Equal("/a", Read(("uri", "\"/a?user=1\"")).Route);

    [Fact]
    public void A_path_that_is_not_UTF8_does_not_spoil_the_log()
    {
        // nginx writes the bytes of /%ff"/ as they are, and escapes the quote.
        var path = _folder.File("access.log");
        File.WriteAllBytes(path, [.. "{\"uri\":\"/"u8, 0xFF, .. "\\\"/\","u8, .. System.Text.Encoding.UTF8.GetBytes(With(("uri", null))[1..])]);

        Assert.Equal("/\uFFFD\"/", Assert.Single(Records.ReadFile(Kind, path)).Route);
    }

    [Theory]
    [InlineData("msec", null, "msec is missing; every such record has one")]
    [InlineData("request_time", null, "request_time is missing")]
    [InlineData("request_id", null, "request_id is missing")]
    [InlineData("remote_addr", null, "remote_addr is missing")]
    [InlineData("remote_port", null, "remote_port is missing")]
    [InlineData("server_addr", null, "server_addr is missing")]
    [InlineData("server_port", null, "server_port is missing")]
    [InlineData("connection_requests", null, "connection_requests is missing")]
    [InlineData("request_length", null, "request_length is missing")]
    [InlineData("bytes_sent", null, "bytes_sent is missing")]
    [InlineData("status", null, "status is missing")]
    [InlineData("msec", "-1.000", "msec is -1.000; expected a number from 0 to 9223372036")]
    [InlineData("msec", "1e30", "msec is 1e30; expected a number from 0 to 9223372036")]
    [InlineData("msec", "\"-\"", "msec is \"-\"; expected a number from 0 to 9223372036")]
    [InlineData("msec", "0.004", "request_time reaches back before 1970 from msec; expected the seconds that the request took")]
    [InlineData("request_time", "-0.001", "request_time is -0.001; expected a number from 0 to 10000000")]
    [InlineData("request_time", "10000000.001", "request_time is 10000000.001; expected a number from 0 to 10000000")]
    [InlineData("request_time", "[]", "request_time is an array; expected a number from 0 to 10000000")]
    [InlineData("remote_addr", "\"localhost\"", "remote_addr is \"localhost\"; expected an IP address or unix:")]
    [InlineData("remote_addr", "\"\"", "remote_addr is \"\"; expected an IP address or unix:")]
    [InlineData("server_addr", "7", "server_addr is 7; expected a string")]
    [InlineData("remote_port", "\"\"", "remote_port is \"\"; expected a whole number from 0 to 65535")]
    [InlineData("server_port", "65536", "server_port is \"65536\"; expected a whole number from 0 to 65535")]
    [InlineData("server_port", "true", "server_port is true; expected a string")]
    [InlineData("connection_requests", "0", "connection_requests is 0; expected a whole number from 1 to 2147483647")]
    [InlineData("request_length", "-78", "request_length is -78; expected a whole number from 0 to 9223372036854775807")]
    [InlineData("request_length", "78.5", "request_length is 78.5; expected a whole number from 0 to 9223372036854775807")]
    [InlineData("bytes_sent", "9223372036854775808", "bytes_sent is 9223372036854775808; expected a whole number from 0 to 9223372036854775807")]
    [InlineData("status", "1000", "status is 1000; expected a whole number from 0 to 999")]
    [InlineData("status", "\"\"", "status is \"\"; expected a whole number from 0 to 999")]
    [InlineData("uri", "17", "uri is 17; expected a string")]
    public void What_cannot_be_used_is_named_with_file_and_line(string field, string? value, string expected)
    {
        var path = _folder.File("access.log", Line + "\n" + With((field, value)) + "\n");

        var exception = Assert.Throws<InputException>(() => Records.ReadFile(Kind, path));

        Assert.StartsWith($"{path}, line 2: {expected}", exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', exception.Message);
    }

    [Theory]
    [InlineData("192.0.2.7 - - [24/Nov/2025:16:00:00 +0000] \"GET / HTTP/1.1\" 200 612", ", line 1: not JSON: ")]
    [InlineData(Line + "\n{\"msec\":1764", ", line 2: the file ends inside a logged request; 1 whole logged request before it")]
    [InlineData("", " is empty; expected logged requests as a JSON array or as JSON lines")]
    public void What_is_no_such_log_is_refused_in_one_line(string content, string expected)
    {
        var path = _folder.File("access.log", content);

        var exception = Assert.Throws<InputException>(() => Records.ReadFile(Kind, path));

        Assert.StartsWith(path + expected, exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', exception.Message);
    }

    public void Dispose() => _folder.Dispose();

    private static string Repository
    {
        get
        {
            var folder = new DirectoryInfo(AppContext.BaseDirectory);
            while (!File.Exists(Path.Combine(folder!.FullName, "CrossLayer.slnx")))
                folder = folder.Parent;
            return folder.FullName;
        }
    }

    private static RequestRecord Read(params (string Field, string? Value)[] changes) => Records.FromJson(Kind, With(changes));

    /// <summary>The line with other values, as JSON; null leaves the field out.</summary>
    private static string With(params (string Field, string? Value)[] changes)
    {
        var fields = System.Text.Json.JsonDocument.Parse(Line).RootElement.EnumerateObject().Select(property =>
            (property.Name, Value: changes.Any(change => change.Field == property.Name)
                ? changes.Single(change => change.Field == property.Name).Value
                : property.Value.GetRawText()));
        return "{" + string.Join(',', fields.Where(field => field.Value is not null).Select(field => $"\"{field.Name}\":{field.Value}")) + "}";
    }
}
