using System.Buffers;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;

namespace CrossLayer.Client;

/// <summary>Sends reports with POST /v1/requests. Its own requests are not reported and not traced.</summary>
internal sealed class HttpSender : IReportSender
{
    private const int LongestAnswer = 65_536;

    private readonly HttpClient _client;
    private readonly Uri _url;
    private readonly CrossLayerOptions _options;

    public HttpSender(CrossLayerOptions options)
    {
        _options = options;
        _url = new Uri(options.Endpoint, "/v1/requests");
        _client = new HttpClient(new SocketsHttpHandler { ActivityHeadersPropagator = null, AllowAutoRedirect = false, UseCookies = false, UseProxy = false })
        {
            MaxResponseContentBufferSize = LongestAnswer,
            Timeout = Timeout.InfiniteTimeSpan,
        };
        if (options.Token is { } token)
            _client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
    }

    /// <inheritdoc/>
    public async Task<(int Taken, bool MayRetry)> SendAsync(IReadOnlyList<RequestReport> reports, CancellationToken cancellation)
    {
        var body = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(body))
        {
            writer.WriteStartArray();
            foreach (var report in reports)
                report.Write(writer, _options.Service);
            writer.WriteEndArray();
        }

        try
        {
            using var content = new ReadOnlyMemoryContent(body.WrittenMemory);
            content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
            using var response = await _client.PostAsync(_url, content, cancellation);
            var answer = await response.Content.ReadAsByteArrayAsync(cancellation);
            var taken = Math.Clamp(Accepted(answer), 0, reports.Count);
            return (taken, response.StatusCode is HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable);
        }
        catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException or IOException)
        {
            return (0, true);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

    private static int Accepted(byte[] answer)
    {
        try
        {
            using var json = JsonDocument.Parse(answer);
            return json.RootElement.ValueKind == JsonValueKind.Object && json.RootElement.TryGetProperty("accepted", out var accepted)
                && accepted.TryGetInt32(out var count) ? count : 0;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return 0; // some other server
        }
    }
}
