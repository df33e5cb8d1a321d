using CrossLayer.Actors.Requests;
using CrossLayer.Host.Experiments;
using CrossLayer.Host.Lab.Traffic;
using CrossLayer.Host.Loading;

namespace CrossLayer.Host.Lab.Negatives;

/// <summary>Uploads that are read to their end.</summary>
internal abstract class Upload : OddTraffic
{
    /// <summary>How long one may take.</summary>
    protected static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>Sends a body.</summary>
    /// <returns>1 if it was taken.</returns>
    protected static async Task<int> UploadAsync(LabClient client, LoadClient loader, HttpContent content)
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
