using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Threading.Channels;
using CrossLayer.Actors.Correlations;
using CrossLayer.Host.Files;
using CrossLayer.Host.Outputs.Metrics;

namespace CrossLayer.Host.Outputs.Watch;

/// <summary>Asks a daemon how it is doing, once a second, and follows its live stream; a daemon that is away is asked again.</summary>
internal sealed class DaemonWatcher : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(5);

    private readonly HttpClient _client;
    private readonly Channel<WatchEvent> _events = Channel.CreateBounded<WatchEvent>(100);

    /// <param name="url">Where the daemon serves its metrics.</param>
    /// <param name="token">What it wants to be shown; null: nothing.</param>
    public DaemonWatcher(Uri url, string? token)
    {
        _client = new HttpClient { BaseAddress = url, Timeout = Timeout.InfiniteTimeSpan };
        if (token is not null)
            _client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
    }

    /// <summary>What happens, until the end of all days or the cancellation, which is no error.</summary>
    /// <exception cref="InputException">The daemon wants another token.</exception>
    public async IAsyncEnumerable<WatchEvent> WatchAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var loops = Task.WhenAll(Run(PollAsync, ending.Token), Run(FollowAsync, ending.Token));
        try
        {
            while (await _events.Reader.WaitToReadAsync(CancellationToken.None))
                while (_events.Reader.TryRead(out var next))
                    yield return next;
        }
        finally
        {
            await ending.CancelAsync();
            await loops;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

    /// <summary>The loop's failure, or its end, ends the enumeration.</summary>
    private async Task Run(Func<CancellationToken, Task> loop, CancellationToken ending)
    {
        try
        {
            await loop(ending);
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
            _events.Writer.TryComplete();
        }
#pragma warning disable CA1031 // handed to whoever enumerates
        catch (Exception exception)
#pragma warning restore CA1031
        {
            _events.Writer.TryComplete(exception);
        }
    }

    private async Task PollAsync(CancellationToken ending)
    {
        var before = default(MetricsText);
        var readAt = 0L;
        var isAway = default(bool?);
        using var timer = new PeriodicTimer(Interval);
        do
        {
            try
            {
                var (page, problems) = await ReadAsync(ending);
                if (isAway is not false)
                    await _events.Writer.WriteAsync(new DaemonBack(DateTimeOffset.UtcNow), ending);
                isAway = false;
                if (before is not null)
                {
                    var figures = WatchFigures.Of(before, page, Stopwatch.GetElapsedTime(readAt).TotalSeconds, problems);
                    await _events.Writer.WriteAsync(new FiguresRead(DateTimeOffset.UtcNow, figures), ending);
                }

                (before, readAt) = (page, Stopwatch.GetTimestamp());
            }
            catch (Exception exception) when (IsAway(exception, ending))
            {
                if (isAway is not true)
                    await _events.Writer.WriteAsync(new DaemonAway(DateTimeOffset.UtcNow, Describe(exception)), ending);
                (isAway, before) = (true, null);
            }
        }
        while (await timer.WaitForNextTickAsync(ending));
    }

    private async Task FollowAsync(CancellationToken ending)
    {
        var last = "";
        using var timer = new PeriodicTimer(Interval);
        do
        {
            try
            {
                using var request = new HttpRequestMessage(HttpMethod.Get, "v1/events");
                if (last.Length > 0)
                    request.Headers.Add("Last-Event-ID", last);
                using var response = Accepted(await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, ending));
                await using var stream = await response.Content.ReadAsStreamAsync(ending);
                await foreach (var item in SseParser.Create(stream).EnumerateAsync(ending))
                {
                    last = item.EventId ?? last;
                    await _events.Writer.WriteAsync(EventOf(item), ending);
                }
            }
            catch (Exception exception) when (IsAway(exception, ending))
            {
                // The other loop says so.
            }
        }
        while (await timer.WaitForNextTickAsync(ending));
    }

    private async Task<(MetricsText Page, IReadOnlyList<string> Problems)> ReadAsync(CancellationToken ending)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ending);
        limit.CancelAfter(AnswerTimeout);
        using var metrics = Accepted(await _client.GetAsync(new Uri("metrics", UriKind.Relative), limit.Token));
        metrics.EnsureSuccessStatusCode();
        var page = MetricsText.Parse(await metrics.Content.ReadAsStringAsync(limit.Token));
        using var ready = Accepted(await _client.GetAsync(new Uri("readyz", UriKind.Relative), limit.Token));
        using var report = JsonDocument.Parse(await ready.Content.ReadAsStringAsync(limit.Token));
        return (page, [.. report.RootElement.GetProperty("checks").EnumerateArray().Where(check => !check.GetProperty("ok").GetBoolean())
            .Select(check => $"{check.GetProperty("name").GetString()}: {check.GetProperty("reason").GetString()}")]);
    }

    private static HttpResponseMessage Accepted(HttpResponseMessage response)
    {
        if (response.StatusCode != HttpStatusCode.Unauthorized)
            return response;
        using (response)
            throw new InputException($"{response.RequestMessage?.RequestUri} wants a token, or another one: --token-file F");
    }

    private static WatchEvent EventOf(SseItem<string> item)
    {
        if (item.EventType != "gap")
            return new DiscrepancySeen(DateTimeOffset.UtcNow, Read(item.Data), item.Data);
        using var gap = JsonDocument.Parse(item.Data);
        var missed = gap.RootElement.GetProperty("missed");
        return new DiscrepanciesMissed(DateTimeOffset.UtcNow, missed.ValueKind == JsonValueKind.Number ? missed.GetInt64() : null);
    }

    private static Correlation Read(string json)
    {
        var fields = new FieldReader(Encoding.UTF8.GetBytes(json), new UnknownFields(), new char[FieldReader.ScratchLength]);
        return CorrelationJson.Kind.Read(ref fields);
    }

    private static bool IsAway(Exception exception, CancellationToken ending) =>
        exception is HttpRequestException or IOException or JsonException or KeyNotFoundException or FieldException
        || (exception is OperationCanceledException && !ending.IsCancellationRequested);

    private static string Describe(Exception exception) => exception switch
    {
        OperationCanceledException => $"no answer within {AnswerTimeout.TotalSeconds:0} s",
        JsonException or KeyNotFoundException => "what answers there is no CrossLayer daemon",
        HttpRequestException { StatusCode: { } status } => $"it answers {(int)status}",
        _ => exception.Message.ReplaceLineEndings(" "),
    };
}
