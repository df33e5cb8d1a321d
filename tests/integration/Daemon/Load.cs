using System.Net;
using CrossLayer.Actors.Requests;
using CrossLayer.Host.Demo;

namespace CrossLayer.Integration.Tests.Daemon;

/// <summary>Clients of a server, most of them ordinary.</summary>
internal static class Load
{
    /// <summary>Ordinary requests for each one whose response nobody reads.</summary>
    public const int OrdinaryEach = 5;

    /// <summary>Asks until it is told to end; a request that has begun is made to its end.</summary>
    /// <param name="pauseMs">How long it waits after each response that nobody read, in milliseconds.</param>
    /// <returns>Responses that nobody read.</returns>
    public static async Task<int> RunAsync(IPEndPoint server, string path, CancellationToken cancellation, int pauseMs = 5)
    {
        using var client = new HttpClient();
        var unread = 0;
        for (; !cancellation.IsCancellationRequested; unread++)
        {
            await RawClient.CloseUnreadAsync(server, RequestId.From(unread), path, CancellationToken.None);
            for (var k = 0; k < OrdinaryEach; k++)
                await client.GetStringAsync($"http://{server}{path}", CancellationToken.None);
            await Task.Delay(pauseMs, CancellationToken.None); // the pace
        }

        return unread;
    }
}
