using CrossLayer.Host.Experiments;
using CrossLayer.Host.Serving;

namespace CrossLayer.Host.Lab.Traffic;

/// <summary>Takes the body of a response, holds it against the one that was asked for, and may stop reading for a while.</summary>
/// <param name="nonce">By which the body was made.</param>
/// <param name="length">How many bytes were asked for.</param>
/// <param name="pause">How long nothing is read after the first bytes.</param>
internal sealed class CheckingStream(string nonce, long length, TimeSpan pause) : Stream
{
    private readonly SignedBody _expected = new(nonce);
    private long _taken;
    private bool _isWrong;

    /// <summary>Told after each piece how many bytes came so far.</summary>
    public Action<long>? OnTaken { get; init; }

    /// <summary>What came so far.</summary>
    public Outcome Outcome => this switch
    {
        { _isWrong: true } => Outcome.Wrong,
        { _taken: 0 } when length > 0 => Outcome.None,
        _ => _taken == length ? Outcome.Right : Outcome.Short,
    };

    /// <inheritdoc/>
    public override bool CanRead => false;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => true;

    /// <inheritdoc/>
    public override long Length => _taken;

    /// <inheritdoc/>
    public override long Position
    {
        get => _taken;
        set => throw new NotSupportedException();
    }

    /// <inheritdoc/>
    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var isFirst = _taken == 0;
        Write(buffer.Span);
        if (isFirst && pause > TimeSpan.Zero)
            await Task.Delay(pause, cancellationToken);
    }

    /// <inheritdoc/>
    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        _isWrong |= _taken + buffer.Length > length || !_expected.Has(_taken, buffer);
        _taken += buffer.Length;
        OnTaken?.Invoke(_taken);
    }

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    /// <inheritdoc/>
    public override void Flush()
    {
        // Nothing is kept back.
    }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();
}
