using CrossLayer.Host.Lab.Traffic;

namespace CrossLayer.Host.Lab.Negatives;

/// <summary>Bodies of many bytes: they take the time that the path, and the server's reading, take for so many.</summary>
internal sealed class LargeUpload : Upload
{
    private const int Bytes = 6_000_000;

    /// <inheritdoc/>
    public override string Name => "large_upload";

    /// <inheritdoc/>
    protected override string What => "two uploads of 6 MB on a connection";

    /// <inheritdoc/>
    protected override async Task<int> RoundAsync(LabClient client, CancellationToken stop)
    {
        using var loader = client.NewLoader(ClientBehaviour.Ordinary, keepAlive: true, Patience);
        return await UploadAsync(client, loader, new ByteArrayContent(new byte[Bytes])) + await UploadAsync(client, loader, new ByteArrayContent(new byte[Bytes]));
    }
}
