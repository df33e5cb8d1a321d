using CrossLayer.Actors.Requests;
using CrossLayer.Host.Loading;

namespace CrossLayer.Host.Lab.Traffic;

/// <summary>How a user of the lab's client goes about it.</summary>
/// <param name="KeepAlive">It keeps its connection for its next request.</param>
/// <param name="Think">From a response to the next request, on average: an exponential distribution, as of arrivals that do not know of each other.</param>
/// <param name="AsksForLittle">It asks for the smallest response alone.</param>
internal sealed record UserKind(bool KeepAlive, TimeSpan Think, bool AsksForLittle = false);

/// <summary>One user: a request after the other, each when it has thought about the last response.</summary>
internal sealed class LabUser(LabClient client, UserKind kind, Random random)
{
    /// <summary>What is asked for: bytes of the response and of the request's body, and how often of 100.</summary>
    private static readonly (int Response, int Body, int Percent)[] Requests =
    [
        (200, 0, 40),
        (2_000, 0, 25),
        (30_000, 0, 15),
        (300_000, 0, 12),
        (500, 20_000, 8),
    ];

    /// <summary>Asks until it is cancelled; the request that is under way then is seen to its end.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        LoadClient? loader = null;
        var behaviour = client.Behaviour;
        try
        {
            while (!cancellation.IsCancellationRequested)
            {
                await Task.Delay(-Math.Log(1 - random.NextDouble()) * kind.Think, cancellation);
                if (client.Behaviour != behaviour || loader is null)
                {
                    // How a socket is made is part of the behaviour.
                    loader?.Dispose();
                    behaviour = client.Behaviour;
                    loader = client.NewLoader(behaviour, kind.KeepAlive);
                }

                var (response, body, _) = Choose();
                await client.AskAsync(loader, behaviour, new RequestId(LabClient.Nonce(random)), response, body);
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // Between two requests.
        }
        finally
        {
            loader?.Dispose();
        }
    }

    private (int Response, int Body, int Percent) Choose()
    {
        var drawn = kind.AsksForLittle ? 0 : random.Next(100);
        return Requests.First(request => (drawn -= request.Percent) < 0);
    }
}
