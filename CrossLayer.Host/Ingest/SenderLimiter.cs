using System.Net;
using System.Net.Sockets;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Http;

namespace CrossLayer.Host.Ingest;

/// <summary>
/// How much one sender may send a second. Senders are told apart by address, IPv6 ones by their /64. They are spread over a fixed
/// number of buckets, so that many addresses cost no more memory than few; two senders that meet in a bucket share its allowance.
/// </summary>
internal sealed class SenderLimiter : IDisposable
{
    private const int Buckets = 1024;

    private readonly PartitionedRateLimiter<IPAddress?> _requests;
    private readonly PartitionedRateLimiter<IPAddress?> _records;

    /// <inheritdoc cref="SenderLimiter"/>
    public SenderLimiter(IngestLimits limits)
    {
        ArgumentNullException.ThrowIfNull(limits);
        _requests = PerSecond(limits.RequestsPerSecond, limits.RequestsPerSecond);
        // A request that is full to its limit must be possible; the next ones then wait.
        _records = PerSecond(limits.RecordsPerSecond, Math.Max(limits.RecordsPerSecond, limits.MaxRecords));
    }

    /// <summary>Takes one request of a sender.</summary>
    /// <exception cref="RefusedException">It sends too many.</exception>
    public void TakeRequest(IPAddress? sender) => Take(_requests, sender, 1, "requests");

    /// <summary>Takes the records of a request.</summary>
    /// <exception cref="RefusedException">It sends too many.</exception>
    public void TakeRecords(IPAddress? sender, int count)
    {
        if (count > 0)
            Take(_records, sender, count, "records");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _requests.Dispose();
        _records.Dispose();
    }

    private static void Take(PartitionedRateLimiter<IPAddress?> limiter, IPAddress? sender, int count, string what)
    {
        using var lease = limiter.AttemptAcquire(sender, count);
        if (lease.IsAcquired)
            return;
        var wait = lease.TryGetMetadata(MetadataName.RetryAfter, out var after) ? after : TimeSpan.FromSeconds(1);
        throw new RefusedException(
            StatusCodes.Status429TooManyRequests, Rejection.RateLimited, $"more {what} a second than one sender may send; send them again later",
            wait, count);
    }

    private static PartitionedRateLimiter<IPAddress?> PerSecond(int tokens, int most) =>
        PartitionedRateLimiter.Create<IPAddress?, int>(sender => RateLimitPartition.GetTokenBucketLimiter(BucketOf(sender), _ =>
            new TokenBucketRateLimiterOptions
            {
                TokenLimit = most,
                TokensPerPeriod = tokens,
                ReplenishmentPeriod = TimeSpan.FromSeconds(1),
                QueueLimit = 0,
            }));

    private static int BucketOf(IPAddress? sender)
    {
        Span<byte> bytes = stackalloc byte[16];
        if (sender is null || !sender.TryWriteBytes(bytes, out var length))
            return 0;
        var hash = new HashCode(); // seeded anew in each process: which senders meet cannot be foretold
        hash.AddBytes(sender.AddressFamily == AddressFamily.InterNetworkV6 && !sender.IsIPv4MappedToIPv6 ? bytes[..8] : bytes[..length]);
        return (int)((uint)hash.ToHashCode() % Buckets);
    }
}
