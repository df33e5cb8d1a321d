using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using CrossLayer.Actors.Correlations;
using CrossLayer.Actors.Journal.Mapping;

namespace CrossLayer.Actors.Recording;

/// <summary>
/// One number for all that was decided: equal for equal correlations, whatever their order and however they came. Of each it takes
/// the request's name, verdict, cause, blind layer, match method, candidates, and both confidences to four decimals. It keeps 32 bytes for each.
/// </summary>
public sealed class VerdictHash
{
    private const double ConfidenceUnits = 10_000;

    private static readonly byte[] Version = "crosslayer verdicts 1\n"u8.ToArray();

    private readonly List<byte[]> _digests = [];

    /// <summary>How many correlations were added.</summary>
    public int Count => _digests.Count;

    /// <summary>Adds correlations.</summary>
    public void Add(IEnumerable<Correlation> correlations)
    {
        ArgumentNullException.ThrowIfNull(correlations);
        foreach (var correlation in correlations)
            _digests.Add(Digest(correlation));
    }

    /// <summary>The hash: SHA-256 over the correlations' own, in ascending order. 64 lower-case hexadecimal digits.</summary>
    public string Value()
    {
        _digests.Sort((one, other) => one.AsSpan().SequenceCompareTo(other));
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Version);
        foreach (var digest in _digests)
            hash.AppendData(digest);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>The hash of these correlations.</summary>
    public static string Of(IEnumerable<Correlation> correlations)
    {
        var hash = new VerdictHash();
        hash.Add(correlations);
        return hash.Value();
    }

    // Enums stand as their numbers in the journal, which never change.
    private static byte[] Digest(Correlation correlation)
    {
        var (finding, match) = (correlation.Finding, correlation.Match);
        var id = Encoding.UTF8.GetBytes(correlation.RequestId.Text);
        const int fields = 8;
        var bytes = new byte[(fields * sizeof(int)) + id.Length];
        ReadOnlySpan<int> numbers =
        [
            correlation.RequestId.IsNumber ? 1 : 0,
            (int)finding.Verdict.ToWire(),
            finding.Cause is { } cause ? (int)cause.ToWire() : 0,
            (int)finding.BlindLayer.ToWire(),
            (int)match.Method.ToWire(),
            match.Candidates,
            Rounded(finding.Confidence),
            Rounded(match.Confidence),
        ];
        for (var i = 0; i < fields; i++)
            BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(i * sizeof(int)), numbers[i]);
        id.CopyTo(bytes, fields * sizeof(int));
        return SHA256.HashData(bytes);
    }

    private static int Rounded(double confidence) => (int)Math.Round(confidence * ConfidenceUnits, MidpointRounding.AwayFromZero);
}
