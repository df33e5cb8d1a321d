using CrossLayer.Actors.Requests;
using CrossLayer.Host.Experiments;
using CrossLayer.Host.Lab.Traffic;

namespace CrossLayer.Host.Lab.Negatives;

/// <summary>A body that takes its time to send: its bytes are many, and come at the pace of a client that has to make them first.</summary>
internal sealed class LargeUpload : OddTraffic
{
    private const int Bytes = 6_000_000;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <inheritdoc/>
    public override string Name => "large_upload";

    /// <inheritdoc/>
    public override TimeSpan Hold => TimeSpan.FromSeconds(3);

    /// <inheritdoc/>
    protected override string What => "uploads of 6 MB, one at once and one at 8 MB/s";

    /// <inheritdoc/>
    protected override async Task<int> RoundAsync(LabClient client, CancellationToken stop)
    {
        using var loader = client.NewLoader(ClientBehaviour.Ordinary, keepAlive: true, Patience);
        return await UploadAsync(new ByteArrayContent(new byte[Bytes])) + await UploadAsync(new PacedContent(Bytes, 64_000, TimeSpan.FromMilliseconds(8)));

        async Task<int> UploadAsync(HttpContent content)
        {
            using (content)
            {
                var (record, _) = await client.TellAsync(
                    loader.SendAsync(LabClient.NewId(), HttpMethod.Post, client.At("/upload"), content, Stream.Null, CancellationToken.None),
                    record => record.Result == RequestResult.Success ? Outcome.AsMeant : Outcome.None);
                return record.Result == RequestResult.Success ? 1 : 0;
            }
        }
    }
}
