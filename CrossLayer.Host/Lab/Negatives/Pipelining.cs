using CrossLayer.Host.Lab.Traffic;

namespace CrossLayer.Host.Lab.Negatives;

/// <summary>A client writes its next requests before it has read the response to the first (RFC 9112, 9.3.2).</summary>
internal sealed class Pipelining : OddTraffic
{
    private static readonly int[] Bytes = [300, 40_000, 900, 5_000];

    /// <inheritdoc/>
    public override string Name => "pipelining";

    /// <inheritdoc/>
    protected override string What => "four requests in one write, then their responses";

    /// <inheritdoc/>
    protected override async Task<int> RoundAsync(LabClient client, CancellationToken stop)
    {
        using var patience = new CancellationTokenSource(LabClient.RequestTimeout);
        using var connection = await PlainConnection.OpenAsync(client);
        var made = 0;
        for (var round = 0; round < 2; round++)
        {
            PlainRequest[] requests = [.. Bytes.Select(bytes => connection.Begin("GET", $"/signed/{bytes}"))];
            await connection.WriteAsync((byte[])[.. requests.SelectMany(request => request.Head.ToArray())], patience.Token);
            foreach (var request in requests)
                await connection.ReadAsync(request, patience.Token);
            made += requests.Length - 1;
        }

        return made;
    }
}
