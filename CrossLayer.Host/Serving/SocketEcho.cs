using System.Net.WebSockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebSockets;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace CrossLayer.Host.Serving;

/// <summary>A WebSocket that sends back what it is sent, until the client closes it (RFC 6455).</summary>
internal static class SocketEcho
{
    private const int MaxMessage = 1 << 16;

    private static readonly WebSocketMiddleware Upgrade = new(EchoAsync, Options.Create(new WebSocketOptions()), NullLoggerFactory.Instance);

    /// <summary>Serves a request for one; to any other it answers 426.</summary>
    public static Task ServeAsync(HttpContext context) => Upgrade.Invoke(context);

    private static async Task EchoAsync(HttpContext context)
    {
        if (!context.WebSockets.IsWebSocketRequest)
        {
            context.Response.StatusCode = StatusCodes.Status426UpgradeRequired;
            context.Response.Headers.Upgrade = "websocket";
            return;
        }

        using var socket = await context.WebSockets.AcceptWebSocketAsync();
        var buffer = new byte[MaxMessage];
        while (true)
        {
            var received = await socket.ReceiveAsync(buffer.AsMemory(), context.RequestAborted);
            if (received.MessageType == WebSocketMessageType.Close)
            {
                await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, context.RequestAborted);
                return;
            }

            await socket.SendAsync(buffer.AsMemory(0, received.Count), received.MessageType, received.EndOfMessage, context.RequestAborted);
        }
    }
}
