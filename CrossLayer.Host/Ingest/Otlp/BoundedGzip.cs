using System.IO.Compression;
using Grpc.Core;
using Grpc.Net.Compression;

namespace CrossLayer.Host.Ingest.Otlp;

/// <summary>gRPC's gzip, which stops when a message becomes larger than it may.</summary>
/// <param name="maxBytes">The largest message, decompressed.</param>
internal sealed class BoundedGzip(int maxBytes) : ICompressionProvider
{
    /// <inheritdoc/>
    public string EncodingName => "gzip";

    /// <inheritdoc/>
    public Stream CreateCompressionStream(Stream stream, CompressionLevel? compressionLevel) =>
        new GZipStream(stream, compressionLevel ?? CompressionLevel.Fastest, leaveOpen: true);

    /// <inheritdoc/>
    public Stream CreateDecompressionStream(Stream stream) => new Bounded(stream, maxBytes);

    private sealed class Bounded(Stream compressed, int maxBytes) : GZipStream(compressed, CompressionMode.Decompress, leaveOpen: true)
    {
        private long _given;

        public override int Read(byte[] buffer, int offset, int count) => Count(base.Read(buffer, offset, count));

        public override int Read(Span<byte> buffer) => Count(base.Read(buffer));

        public override void CopyTo(Stream destination, int bufferSize)
        {
            var buffer = new byte[bufferSize];
            while (Read(buffer) is > 0 and var count)
                destination.Write(buffer, 0, count);
        }

        public override async Task CopyToAsync(Stream destination, int bufferSize, CancellationToken cancellationToken)
        {
            var buffer = new byte[bufferSize];
            while (await ReadAsync(buffer, cancellationToken) is > 0 and var count)
                await destination.WriteAsync(buffer.AsMemory(0, count), cancellationToken);
        }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            Count(await base.ReadAsync(buffer, cancellationToken));

        private int Count(int read) => (_given += read) <= maxBytes
            ? read
            : throw new RpcException(new Status(
                Grpc.Core.StatusCode.ResourceExhausted, $"the message is larger than {maxBytes} bytes decompressed; send it in parts"));
    }
}
