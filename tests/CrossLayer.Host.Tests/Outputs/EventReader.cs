using System.Text.Json;

namespace CrossLayer.Host.Tests.Outputs;

/// <summary>Reads a stream of server-sent events over a real socket, event by event.</summary>
internal sealed class EventReader : IDisposable
{
    private readonly HttpResponseMessage _response;
    private readonly StreamReader _lines;

    private EventReader(HttpResponseMessage response, StreamReader lines) => (_response, _lines) = (response, lines);

    public static async Task<EventReader> OpenAsync(RunningOutputs running, string path = "/v1/events", string? lastId = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (lastId is not null)
            request.Headers.Add("Last-Event-ID", lastId);
        var response = await running.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        response.EnsureSuccessStatusCode();
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.MediaType);
        var reader = new EventReader(response, new StreamReader(await response.Content.ReadAsStreamAsync()));
        if (lastId is null)
            Assert.Equal(": begin", await reader.CommentAsync());
        return reader;
    }

    public async Task<string?> CommentAsync()
    {
        while (await LineAsync() is { } line)
            if (line.StartsWith(':'))
                return line;
        return null;
    }

    /// <summary>The next event; comments are passed over.</summary>
    public async Task<(string Id, string Event, JsonElement Data)> NextAsync()
    {
        string id = "", name = "", data = "";
        while (await LineAsync() is { } line)
        {
            if (line.StartsWith("id: ", StringComparison.Ordinal))
                id = line[4..];
            else if (line.StartsWith("event: ", StringComparison.Ordinal))
                name = line[7..];
            else if (line.StartsWith("data: ", StringComparison.Ordinal))
                data = line[6..];
            else if (line.Length == 0 && name.Length > 0)
                return (id, name, JsonDocument.Parse(data).RootElement);
        }

        throw new EndOfStreamException();
    }

    public void Dispose()
    {
        _lines.Dispose();
        _response.Dispose();
    }

    private Task<string?> LineAsync() => _lines.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(20));
}
