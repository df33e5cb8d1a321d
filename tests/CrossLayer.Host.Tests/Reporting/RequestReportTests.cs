using System.Net;
using System.Text;
using System.Text.Json;
using CrossLayer.Actors.Requests;
using CrossLayer.Host.Files;
using CrossLayer.Host.Tests.Files;

namespace CrossLayer.Host.Tests.Reporting;

public class RequestReportTests
{
    [Fact]
    public void Reports_are_request_records_with_no_field_that_is_unknown()
    {
        var report = new RequestReport
        {
            RequestId = "a",
            LatencyMs = 1.5,
            StatusCode = 503,
            Result = "http_error",
            IsServer = true,
            StartUnixNs = 1_767_225_600_000_000_000,
            Local = new IPEndPoint(IPAddress.Parse("::ffff:127.0.0.1"), 80),
            Peer = new IPEndPoint(IPAddress.Parse("fe80::1%3"), 4000),
            Method = "GET",
            Route = "/orders/{order}",
            RequestBytes = 1,
            ResponseBytes = 2,
            SocketCookie = ulong.MaxValue,
            ConnectionRequest = 3,
            ErrorType = "X",
            TraceId = "0af7651916cd43dd8448eb211c80319c",
            Protocol = "HTTP/1.1",
            Tls = true,
        };
        using var bytes = new MemoryStream();
        using (var writer = new Utf8JsonWriter(bytes))
            report.Write(writer, "shop");
        var unknown = new UnknownFields();

        var record = Records.FromJson(RequestRecordJson.Kind, Encoding.UTF8.GetString(bytes.ToArray()), unknown);

        Assert.Empty(unknown.Names);
        Assert.Equal(new RequestRecord
        {
            RequestId = new RequestId("a"),
            LatencyMs = 1.5,
            StatusCode = 503,
            Result = RequestResult.HttpError,
            Role = RequestRole.Server,
            StartUnixNs = 1_767_225_600_000_000_000,
            Local = Records.EndpointOf("127.0.0.1:80"),
            Peer = Records.EndpointOf("[fe80::1]:4000"),
            Method = "GET",
            Route = "/orders/{order}",
            RequestBytes = 1,
            ResponseBytes = 2,
            SocketCookie = ulong.MaxValue,
            ConnectionRequest = 3,
            ErrorType = "X",
            TraceId = "0af7651916cd43dd8448eb211c80319c",
            Protocol = "HTTP/1.1",
            Tls = true,
            Service = "shop",
        }, record);
    }
}
