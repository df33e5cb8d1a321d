using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace CrossLayer.Host.Analysis.Detectors;

/// <summary>
/// Guesses: a number between 0 and 1 that the names of episode and request give, always the same. Any share of alarms is had by a
/// threshold; tuned as the others are, it shows what their false-positive rate finds by chance.
/// </summary>
internal sealed class DummyDetector : IDetector
{
    /// <inheritdoc/>
    public string Name => "dummy";

    /// <inheritdoc/>
    public DetectorLayer Layer => DetectorLayer.Dummy;

    /// <inheritdoc/>
    public void Learn(EpisodeRecords benign)
    {
    }

    /// <inheritdoc/>
    public IEnumerable<Suspicion> Judge(EpisodeInput episode)
    {
        foreach (var (record, _) in Reported.Of(episode))
        {
            var hash = SHA256.HashData(Encoding.UTF8.GetBytes($"{episode.Name}/{record.RequestId}"));
            yield return new Suspicion(record.RequestId, BinaryPrimitives.ReadUInt64LittleEndian(hash) / (double)ulong.MaxValue, record.EndUnixNs ?? 0);
        }
    }
}
