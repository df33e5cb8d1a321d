using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;

namespace CrossLayer.Host.Serving;

/// <summary>Serves a request.</summary>
/// <param name="context">The request.</param>
/// <param name="argument">The path behind the route's fixed part; empty where the route has none.</param>
internal delegate Task Handler(HttpContext context, string argument);

/// <summary>
/// What the server serves:
/// <c>GET /</c> a line of text;
/// <c>GET /health</c> ok;
/// <c>GET /bytes/{n}</c> n bytes, up to 64 MiB, with <c>?chunked</c> in chunks instead of with a length;
/// <c>GET /signed/{n}</c> n bytes that only this request's id gives (<see cref="SignedBody"/>), so that the client can tell whether they
/// are its own; <c>POST /signed/{n}</c> the same, after the request's body was read;
/// <c>GET /slow?ms=</c> waits so long, up to 30 s, before it answers;
/// <c>GET /status/{code}</c> that status, 200 to 599;
/// <c>POST /upload</c> reads the body and answers how many bytes it has; with <c>?limit=</c> it refuses one of more bytes at once (413);
/// <c>GET /echo</c> a WebSocket that sends back what it is sent.
/// </summary>
internal static class Routes
{
    /// <summary>The most that /bytes gives.</summary>
    public const int MaxBytes = 64 << 20;

    /// <summary>The longest that /slow waits, in milliseconds.</summary>
    public const int MaxSlowMs = 30_000;

    private static readonly byte[] Filling =
        Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("crosslayer bytes\n", 1 << 11)));

    private static readonly (string Method, string Prefix, string Template, Handler Handler)[] All =
    [
        (HttpMethods.Get, "/", "/", (context, _) => TextAsync(context, "CrossLayer test server\n")),
        (HttpMethods.Get, "/health", "/health", (context, _) => TextAsync(context, "ok\n")),
        (HttpMethods.Get, "/bytes/", "/bytes/{n}", BytesAsync),
        (HttpMethods.Get, "/signed/", "/signed/{n}", SignedAsync),
        (HttpMethods.Post, "/signed/", "/signed/{n}", SignedAsync),
        (HttpMethods.Get, "/slow", "/slow", SlowAsync),
        (HttpMethods.Get, "/status/", "/status/{code}", StatusAsync),
        (HttpMethods.Post, "/upload", "/upload", UploadAsync),
        (HttpMethods.Get, "/echo", "/echo", (context, _) => SocketEcho.ServeAsync(context)),
    ];

    /// <summary>Finds the route of a request.</summary>
    /// <returns>
    /// The route's template, or the path where no route fits, and what serves it.
    /// </returns>
    public static (string Template, Func<HttpContext, Task> Serve) Find(HttpRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        var path = request.Path.Value ?? "/";
        var pathIsKnown = false;
        foreach (var (method, prefix, template, handler) in All)
        {
            var takesArgument = template.Length > prefix.Length;
            var argument = takesArgument && path.StartsWith(prefix, StringComparison.Ordinal) ? path[prefix.Length..] : "";
            if (takesArgument ? argument.Length == 0 || argument.Contains('/', StringComparison.Ordinal) : path != prefix)
                continue;
            if (method == request.Method)
                return (template, context => handler(context, argument));
            pathIsKnown = true;
        }

        var status = pathIsKnown ? StatusCodes.Status405MethodNotAllowed : StatusCodes.Status404NotFound;
        return (path, context => TextAsync(context, $"{request.Method} {path} is not served here\n", status));
    }

    private static async Task BytesAsync(HttpContext context, string argument)
    {
        if (!TryParse(argument, 0, MaxBytes, out var count))
        {
            await TextAsync(context, $"expected a count from 0 to {MaxBytes}\n", StatusCodes.Status400BadRequest);
            return;
        }

        context.Response.ContentType = "application/octet-stream";
        if (!context.Request.Query.ContainsKey("chunked"))
            context.Response.ContentLength = count;
        for (var left = count; left > 0;)
        {
            var piece = Math.Min(left, Filling.Length);
            var flushed = await context.Response.BodyWriter.WriteAsync(Filling.AsMemory(0, piece), context.RequestAborted);
            left -= piece;
            if (flushed.IsCompleted && left > 0)
                throw new ConnectionAbortedException();
        }
    }

    private static async Task SignedAsync(HttpContext context, string argument)
    {
        if (!TryParse(argument, 0, MaxBytes, out var count))
        {
            await TextAsync(context, $"expected a count from 0 to {MaxBytes}\n", StatusCodes.Status400BadRequest);
            return;
        }

        await context.Request.Body.CopyToAsync(Stream.Null, context.RequestAborted);
        var body = new SignedBody(context.Request.Headers[ServedRequestId.Header].ToString());
        context.Response.ContentType = "application/octet-stream";
        context.Response.ContentLength = count;
        for (var written = 0; written < count;)
        {
            var piece = context.Response.BodyWriter.GetMemory(Math.Min(count - written, 1 << 14));
            piece = piece[..Math.Min(piece.Length, count - written)];
            body.Fill(written, piece.Span);
            context.Response.BodyWriter.Advance(piece.Length);
            written += piece.Length;
            if ((await context.Response.BodyWriter.FlushAsync(context.RequestAborted)).IsCompleted && written < count)
                throw new ConnectionAbortedException();
        }
    }

    private static async Task SlowAsync(HttpContext context, string argument)
    {
        if (!TryParse(context.Request.Query["ms"], 0, MaxSlowMs, out var ms))
        {
            await TextAsync(context, $"expected ?ms= from 0 to {MaxSlowMs}\n", StatusCodes.Status400BadRequest);
            return;
        }

        await Task.Delay(ms, context.RequestAborted);
        await TextAsync(context, $"waited {ms} ms\n");
    }

    private static Task StatusAsync(HttpContext context, string argument)
    {
        if (!TryParse(argument, 200, 599, out var status))
            return TextAsync(context, "expected a status from 200 to 599\n", StatusCodes.Status400BadRequest);
        if (status is StatusCodes.Status204NoContent or StatusCodes.Status205ResetContent or StatusCodes.Status304NotModified)
        {
            context.Response.StatusCode = status;
            return Task.CompletedTask;
        }

        return TextAsync(context, $"status {status}\n", status);
    }

    private static async Task UploadAsync(HttpContext context, string argument)
    {
        var limit = int.MaxValue;
        if (context.Request.Query["limit"] is { Count: > 0 } given && !TryParse(given, 0, int.MaxValue, out limit))
        {
            await TextAsync(context, $"expected ?limit= from 0 to {int.MaxValue}\n", StatusCodes.Status400BadRequest);
            return;
        }

        var buffer = new byte[1 << 16];
        var (count, read) = (0L, 0);
        while (Math.Max(count, context.Request.ContentLength ?? 0) <= limit && (read = await context.Request.Body.ReadAsync(buffer, context.RequestAborted)) > 0)
            count += read;
        if (Math.Max(count, context.Request.ContentLength ?? 0) > limit)
        {
            // What still comes is read and dropped: a close before it has come would be a reset, and take the answer with it.
            context.Response.Headers.Connection = "close";
            await TextAsync(context, $"expected {limit} bytes at most\n", StatusCodes.Status413PayloadTooLarge);
            return;
        }

        await TextAsync(context, $"{count}\n");
    }

    private static Task TextAsync(HttpContext context, string text, int status = StatusCodes.Status200OK)
    {
        var body = Encoding.UTF8.GetBytes(text);
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain; charset=utf-8";
        context.Response.ContentLength = body.Length;
        // A line of text is written whether or not anyone still waits for it.
        return context.Response.Body.WriteAsync(body).AsTask();
    }

    private static bool TryParse(string? text, int low, int high, out int value) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value) && value >= low && value <= high;
}
