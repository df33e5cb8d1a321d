using System.IO.Compression;
using Microsoft.AspNetCore.Http;

namespace CrossLayer.Host.Ingest;

/// <summary>
/// Reads request bodies into memory, plain or compressed with gzip. A sender costs as much memory as it has sent, up to the largest
/// body; what is larger once it is decompressed stops there. Bodies are decompressed and taken apart a few at a time.
/// </summary>
internal sealed class BodyReader(IngestLimits limits) : IDisposable
{
    private const string Gzip = "gzip";
    private const int ChunkBytes = 1 << 16;

    private readonly SemaphoreSlim _decoding = new(Math.Max(1, Environment.ProcessorCount));

    /// <summary>Reads a request's body and takes it apart.</summary>
    /// <param name="context">The request.</param>
    /// <param name="decode">Makes something of the decompressed body.</param>
    /// <exception cref="RefusedException">It is too large, too slow, cut short, or in an encoding that is not known.</exception>
    public async Task<T> ReadAsync<T>(HttpContext context, Func<ReadOnlyMemory<byte>, T> decode)
    {
        ArgumentNullException.ThrowIfNull(context);
        var isCompressed = IsCompressed(context.Request);
        var body = await ReceiveAsync(context);
        return await DecodeAsync(body, received => decode(isCompressed ? Decompress(received, limits.MaxDecompressedBytes) : received), context.RequestAborted);
    }

    /// <summary>Takes apart what was received, in turn with other bodies.</summary>
    public async Task<T> DecodeAsync<T>(ReadOnlyMemory<byte> body, Func<ReadOnlyMemory<byte>, T> decode, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(decode);
        await _decoding.WaitAsync(cancellation);
        try
        {
            return decode(body);
        }
        finally
        {
            _decoding.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _decoding.Dispose();

    private static bool IsCompressed(HttpRequest request) => request.Headers.ContentEncoding.ToString() switch
    {
        "" or "identity" => false,
        Gzip => true,
        var other => throw new RefusedException(
            StatusCodes.Status415UnsupportedMediaType, Rejection.Malformed, $"Content-Encoding is {Files.OneLine.Of(other)}; expected none or {Gzip}"),
    };

    private async Task<ReadOnlyMemory<byte>> ReceiveAsync(HttpContext context)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        patience.CancelAfter(limits.BodyTimeout);
        try
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body, ChunkBytes, patience.Token);
            return body.GetBuffer().AsMemory(0, (int)body.Length);
        }
        catch (BadHttpRequestException exception)
        {
            throw exception.StatusCode switch
            {
                StatusCodes.Status413PayloadTooLarge => TooLarge(limits.MaxBodyBytes, "", exception),
                StatusCodes.Status408RequestTimeout => TooSlow(exception),
                _ => new RefusedException(StatusCodes.Status400BadRequest, Rejection.Malformed, "the body ends early", inner: exception),
            };
        }
        catch (OperationCanceledException exception) when (!context.RequestAborted.IsCancellationRequested)
        {
            throw TooSlow(exception);
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException)
        {
            throw new RefusedException(StatusCodes.Status400BadRequest, Rejection.Malformed, "the body ends early", inner: exception);
        }
    }

    /// <summary>A body as it was before gzip.</summary>
    /// <param name="body">Compressed.</param>
    /// <param name="mostBytes">The largest it may become.</param>
    /// <exception cref="RefusedException">It is larger, cut short, or not gzip.</exception>
    internal static ReadOnlyMemory<byte> Decompress(ReadOnlyMemory<byte> body, int mostBytes)
    {
        using var compressed = new MemoryStream(body.ToArray(), writable: false);
        using var gzip = new GZipStream(compressed, CompressionMode.Decompress);
        using var plain = new MemoryStream();
        var chunk = new byte[ChunkBytes];
        try
        {
            while (gzip.Read(chunk) is > 0 and var count)
            {
                if (plain.Length + count > mostBytes)
                    throw TooLarge(mostBytes, " decompressed");
                plain.Write(chunk, 0, count);
            }
        }
        catch (InvalidDataException exception)
        {
            throw new RefusedException(StatusCodes.Status400BadRequest, Rejection.Malformed, "the body is not gzip, or cut short", inner: exception);
        }

        return plain.GetBuffer().AsMemory(0, (int)plain.Length);
    }

    private static RefusedException TooLarge(int most, string how, Exception? inner = null) =>
        new(StatusCodes.Status413PayloadTooLarge, Rejection.TooLarge, $"the body is larger than {most} bytes{how}; send it in parts", inner: inner);

    private RefusedException TooSlow(Exception inner) => new(
        StatusCodes.Status408RequestTimeout, Rejection.TooSlow,
        $"the body took longer than {limits.BodyTimeout.TotalSeconds:0} s, or came slower than {limits.MinBytesPerSecond} bytes a second", inner: inner);
}
