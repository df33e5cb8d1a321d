using System.Text;
using System.Text.Json;
using CrossLayer.Actors.Requests;
using CrossLayer.Host.Files;
using CrossLayer.Probe;

namespace CrossLayer.Host.Tests.Files;

/// <summary>Makes records, and takes them to JSON and back.</summary>
internal static class Records
{
    public static RequestRecord Request(int number) => new()
    {
        RequestId = RequestId.From(number),
        LatencyMs = number + 0.25,
        StatusCode = 200,
        Result = RequestResult.Success,
    };

    public static RequestRecord FullRequest { get; } = new()
    {
        RequestId = new RequestId("a \"b\"/ü"),
        LatencyMs = 12.3456,
        StatusCode = 503,
        Result = RequestResult.HttpError,
        Role = RequestRole.Server,
        StartUnixNs = 1_700_000_000_123_456_700,
        Local = EndpointOf("127.0.0.1:8080"),
        Peer = EndpointOf("[::1]:40000"),
        Method = "GET",
        Route = "/bytes/{n}",
        RequestBytes = 57,
        ResponseBytes = 1L << 40,
        SocketCookie = ulong.MaxValue,
        ConnectionRequest = 3,
        ErrorType = "BadHttpRequestException",
        Service = "shop",
        TraceId = "0af7651916cd43dd8448eb211c80319c",
        Protocol = "HTTP/1.1",
        Tls = true,
        ResolutionMs = 0.5,
        ExpectedSlow = true,
    };

    public static Endpoint EndpointOf(string text) =>
        Endpoint.TryParse(text, out var endpoint) ? endpoint : throw new ArgumentException(text);

    public static string ToJson<T>(RecordKind<T> kind, T record)
    {
        using var json = new JsonBytes();
        kind.Write(json.Writer, in record);
        return Encoding.UTF8.GetString(json.Written);
    }

    public static T FromJson<T>(RecordKind<T> kind, string json, UnknownFields? unknown = null)
    {
        var fields = new FieldReader(Encoding.UTF8.GetBytes(json), unknown ?? new UnknownFields(), new char[FieldReader.ScratchLength]);
        return kind.Read(ref fields);
    }

    public static IReadOnlyList<string> NamesIn(string json)
    {
        using var document = JsonDocument.Parse(json);
        return [.. document.RootElement.EnumerateObject().Select(property => property.Name)];
    }

    public static IReadOnlyList<T> ReadFile<T>(RecordKind<T> kind, string path)
    {
        using var reader = RecordReader<T>.Open(path, kind);
        return [.. reader.ReadAll()];
    }
}
