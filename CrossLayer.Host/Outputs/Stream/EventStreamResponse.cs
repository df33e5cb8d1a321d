using System.Globalization;
using System.Text;
using CrossLayer.Host.Files;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace CrossLayer.Host.Outputs.Stream;

/// <summary>
/// One reader of the live stream (server-sent events, WHATWG HTML, 9.2): <c>discrepancy</c> and <c>correlation</c> events in the form of
/// correlations.json, and <c>gap</c> events that say how many were missed.
/// </summary>
internal static class EventStreamResponse
{
    private const int MostAtOnce = 64;

    private static readonly byte[] Heartbeat = ": alive\n\n"u8.ToArray();

    /// <summary>Serves one reader until it leaves, takes nothing for too long, or the daemon stops.</summary>
    /// <param name="context">Its request; <c>?all</c> asks for every correlation, <c>Last-Event-ID</c> for what followed it.</param>
    /// <param name="stream">The stream.</param>
    /// <param name="stopping">The daemon stops.</param>
    public static async Task ServeAsync(HttpContext context, EventStream stream, CancellationToken stopping)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(stream);
        if (!stream.TryEnter())
        {
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            context.Response.Headers.RetryAfter = "10";
            await context.Response.WriteAsync($"{stream.Settings.MaxStreams} readers already (crosslayer.outputs.http.max-streams)\n", CancellationToken.None);
            return;
        }

        try
        {
            using var ended = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, stopping);
            await WriteAsync(context, stream, ended.Token);
        }
        catch (OperationCanceledException)
        {
            // Left, or the daemon stops; a reader that takes nothing is cut off.
            context.Abort();
        }
        catch (IOException)
        {
            context.Abort();
        }
        finally
        {
            stream.Leave();
        }
    }

    private static async Task WriteAsync(HttpContext context, EventStream stream, CancellationToken ended)
    {
        var all = context.Request.Query.ContainsKey("all");
        var log = stream.LogOf(all);
        var response = context.Response;
        // A reader may be slow for as long as it reads at all: the stream has a time limit of its own.
        if (context.Features.Get<IHttpMinResponseDataRateFeature>() is { } rate)
            rate.MinDataRate = null;
        response.ContentType = "text/event-stream";
        response.Headers.CacheControl = "no-store";

        using var json = new JsonBytes();
        var text = new StringBuilder();
        var at = Begin(context.Request.Headers["Last-Event-ID"], all, log, stream, text);
        text.Append(": begin\n\n");
        await SendAsync(Encoding.UTF8.GetBytes(text.ToString()));
        while (true)
        {
            var (missed, entries, more) = log.Read(at, MostAtOnce);
            if (missed == 0 && entries.Count == 0)
            {
                if (await Task.WhenAny(more, Task.Delay(stream.Settings.StreamHeartbeat, ended)) != more)
                {
                    ended.ThrowIfCancellationRequested();
                    await SendAsync(Heartbeat);
                }

                continue;
            }

            text.Clear();
            at += missed;
            if (missed > 0)
                AppendGap(text, new EventId(stream.Run, all, at), missed, stream);
            foreach (var correlation in entries)
            {
                json.Clear();
                CorrelationJson.Kind.Write(json.Writer, correlation);
                var id = new EventId(stream.Run, all, ++at);
                text.Append("id: ").Append(id.ToString()).Append("\nevent: ").Append(all ? "correlation" : "discrepancy").Append("\ndata: ")
                    .Append(Encoding.UTF8.GetString(json.Written)).Append("\n\n");
            }

            await SendAsync(Encoding.UTF8.GetBytes(text.ToString()));
            stream.Sent(entries.Count);
        }

        async Task SendAsync(byte[] bytes)
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(ended);
            limit.CancelAfter(stream.Settings.StreamWriteTimeout);
            await response.Body.WriteAsync(bytes, limit.Token);
            await response.Body.FlushAsync(limit.Token);
        }
    }

    /// <summary>Where a reader begins: at what follows the id that it has, or at what comes next.</summary>
    private static long Begin(string? lastId, bool all, EventLog log, EventStream stream, StringBuilder text)
    {
        var last = log.Last;
        if (string.IsNullOrEmpty(lastId))
            return last;
        if (EventId.TryParse(lastId, out var id) && id.Run == stream.Run && id.All == all && id.Number <= last)
            return id.Number;
        // Numbered by another run, or among others: nobody knows how many it missed, and all that there is follows.
        AppendGap(text, new EventId(stream.Run, all, 0), null, stream);
        return Math.Max(0, last - stream.Settings.StreamBuffer);
    }

    private static void AppendGap(StringBuilder text, EventId id, long? missed, EventStream stream)
    {
        stream.Missed(missed ?? 0);
        var count = missed?.ToString(CultureInfo.InvariantCulture) ?? "null";
        text.Append("id: ").Append(id.ToString()).Append("\nevent: gap\ndata: {\"missed\":").Append(count).Append("}\n\n");
    }
}
