using System.Net;

namespace CrossLayer.Host.Lab.Traffic;

/// <summary>A body that its sender makes while it sends it: a piece, and some time until there is another.</summary>
internal sealed class PacedContent(int bytes, int piece, TimeSpan pause) : HttpContent
{
    /// <inheritdoc/>
    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

    /// <inheritdoc/>
    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        var one = new byte[piece];
        for (var left = bytes; left > 0; left -= piece)
        {
            await stream.WriteAsync(one.AsMemory(0, Math.Min(left, piece)), cancellationToken);
            await stream.FlushAsync(cancellationToken);
            await Task.Delay(pause, cancellationToken);
        }
    }

    /// <inheritdoc/>
    protected override bool TryComputeLength(out long length)
    {
        length = bytes;
        return true;
    }
}
