using System.IO.Compression;
using System.Net.Sockets;
using System.Text;
using CrossLayer.Actors.Requests;
using CrossLayer.Host.Ingest;
using CrossLayer.Host.Ingest.Otlp;
using CrossLayer.Host.Ingest.Otlp.Wire;
using CrossLayer.Host.Ingest.UnixSocket;
using Google.Protobuf;

namespace CrossLayer.Fuzz.Targets;

/// <summary>What programs send to the daemon.</summary>
internal static class IngestTargets
{
    private const int MostRecords = 10_000;

    private static readonly string[] Fields =
    [
        "\"request_id\":", "\"latency_ms\":", "\"status_code\":", "\"result\":", "\"reset\"", "\"role\":\"server\"", "\"start_unix_ns\":",
        "\"local_endpoint\":", "[::1]:8080", "\"route\":", "\"https://user@host/a/1?b=c#d\"", "\"socket_cookie\":", "\"tls\":true", "\"resolution_ms\":",
    ];

    /// <summary>Records over HTTP: an array, one object, or lines.</summary>
    public static FuzzTarget Records() => new("records", input =>
    {
        if (RecordParser.Parse(input, "body", MostRecords) is not { } found)
            return "too many";
        RecordOutput.Keep(found.Records);
        return found.FirstError;
    }, _ => false, Corpus.Lines("records.jsonl", 6), Fields);

    /// <summary>The Unix socket, with its own reader of lines.</summary>
    public static FuzzTarget Unix() => new("unix", input => TakeAsync(input).GetAwaiter().GetResult(), _ => false, Corpus.Lines("records.jsonl", 6), Fields);

    /// <summary>Bodies that are compressed.</summary>
    public static FuzzTarget Gzip() => new("gzip", input =>
    {
        BodyReader.Decompress(input, new IngestLimits().MaxDecompressedBytes);
        return null;
    }, exception => exception is RefusedException, [Compress(Corpus.Lines("records.jsonl", 6)[0]), Compress(new byte[8 << 20]), Compress([])]);

    /// <summary>OTLP's protobuf.</summary>
    public static FuzzTarget OtlpProtobuf() => Otlp("otlp-protobuf", false, Export().ToByteArray(), [0x0A, 0x02, 0x12, 0x00]);

    /// <summary>OTLP's JSON.</summary>
    public static FuzzTarget OtlpJson() => Otlp("otlp-json", true, Encoding.UTF8.GetBytes(JsonFormatter.Default.Format(Export())), "{}"u8.ToArray());

    private static FuzzTarget Otlp(string name, bool isJson, params byte[][] seeds) => new(name, input =>
    {
        var mapped = OtlpReceiver.Read(input, isJson, MostRecords);
        RecordOutput.Keep(mapped.Records);
        return mapped.FirstError;
    }, exception => exception is RefusedException, seeds, "\"resourceSpans\":", "\"attributes\":", "\"stringValue\":", "\"intValue\":", "\"kind\":", "SPAN_KIND_CLIENT",
        "http.request.method", "url.full", "rpc.system", "server.port", "\"@type\":", "\"bytesValue\":", "\"arrayValue\":");

    private static ExportTraceServiceRequest Export()
    {
        var server = Span(SpanKind.Server, ("http.request.method", "GET"), ("http.route", "/orders/{id}"), ("network.peer.address", "::1"));
        server.Attributes.Add(new KeyValue { Key = "network.peer.port", Value = new AnyValue { IntValue = 41_000 } });
        server.Attributes.Add(new KeyValue { Key = "http.response.status_code", Value = new AnyValue { IntValue = 503 } });
        var client = Span(SpanKind.Client, ("rpc.system", "grpc"), ("rpc.service", "a.B"), ("rpc.method", "C"), ("rpc.grpc.status_code", "14"));
        client.Status = new SpanStatus { Code = Host.Ingest.Otlp.Wire.StatusCode.Error };
        var resource = new ResourceSpans { Resource = new Resource() };
        resource.Resource.Attributes.Add(Attribute("service.name", "shop"));
        resource.ScopeSpans.Add(new ScopeSpans { Spans = { server, client } });
        return new ExportTraceServiceRequest { ResourceSpans = { resource } };
    }

    private static Span Span(SpanKind kind, params (string Name, string Value)[] attributes)
    {
        var span = new Span
        {
            TraceId = ByteString.CopyFrom(new byte[15].Append((byte)1).ToArray()),
            SpanId = ByteString.CopyFrom(new byte[7].Append((byte)1).ToArray()),
            Kind = kind,
            StartTimeUnixNano = 1_764_000_000_000_000_000,
            EndTimeUnixNano = 1_764_000_000_012_500_000,
        };
        span.Attributes.AddRange(attributes.Select(attribute => Attribute(attribute.Name, attribute.Value)));
        return span;
    }

    private static KeyValue Attribute(string name, string value) => new() { Key = name, Value = new AnyValue { StringValue = value } };

    private static byte[] Compress(byte[] plain)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Optimal, leaveOpen: true))
            gzip.Write(plain);
        return packed.ToArray();
    }

    private static async Task<string?> TakeAsync(byte[] input)
    {
        var path = Path.Combine(Path.GetTempPath(), $"crosslayer-fuzz-{Environment.ProcessId}-{Environment.CurrentManagedThreadId}.sock");
        File.Delete(path);
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(path));
        listener.Listen();
        using var client = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await client.ConnectAsync(new UnixDomainSocketEndPoint(path));
        var intake = new RecordIntake("unix", new Keeper(), TimeProvider.System);
        using var sender = new UnixSender(await listener.AcceptAsync(), new UnixIngestSettings { MaxLineBytes = 4096 }, intake);
        File.Delete(path);
        await using var stream = new NetworkStream(client);
        var sent = SendAsync();
        using var answers = new StreamReader(stream);
        var answered = answers.ReadToEndAsync();
        await sender.ServeAsync(_ => { }, CancellationToken.None);
        sender.Dispose();
        await sent;
        return await AnswerAsync() is { Length: > 0 } answer ? answer.Split('\n', 2)[0] : null;

        async Task SendAsync()
        {
            try
            {
                await stream.WriteAsync(input);
                client.Shutdown(SocketShutdown.Send);
            }
            catch (IOException)
            {
                // The line has no end within reason: the connection ended.
            }
        }

        async Task<string> AnswerAsync()
        {
            try
            {
                return await answered;
            }
            catch (IOException)
            {
                return "ended";
            }
        }
    }

    // Takes all, as the pipeline would.
    private sealed class Keeper : IRecordSink
    {
        public Task<RequestsReported> OfferAsync(IReadOnlyList<RequestRecord> records, CancellationToken cancellation)
        {
            RecordOutput.Keep(records);
            return Task.FromResult(new RequestsReported(records.Count, 0));
        }
    }
}
