using CrossLayer.Host.Lab.Traffic;

namespace CrossLayer.Host.Lab.Negatives;

/// <summary>A body that comes at the pace of a client that has to make it first: the network, and the server, wait for the client.</summary>
internal sealed class PacedUpload : Upload
{
    private const int Bytes = 1_600_000;
    private const int Piece = 16_000;
    private static readonly TimeSpan Making = TimeSpan.FromMilliseconds(10);

    /// <inheritdoc/>
    public override string Name => "paced_upload";

    /// <inheritdoc/>
    public override TimeSpan Hold => TimeSpan.FromSeconds(3);

    /// <inheritdoc/>
    protected override string What => "an upload of 1.6 MB, of which the client makes 16 kB in 10 ms";

    /// <inheritdoc/>
    protected override async Task<int> RoundAsync(LabClient client, CancellationToken stop)
    {
        using var loader = client.NewLoader(ClientBehaviour.Ordinary, keepAlive: true, Patience);
        return await UploadAsync(client, loader, new PacedContent(Bytes, Piece, Making));
    }
}
