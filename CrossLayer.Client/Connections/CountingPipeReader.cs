using System.Buffers;
using System.IO.Pipelines;

namespace CrossLayer.Client.Connections;

/// <summary>Counts the bytes that are consumed, not those that are only looked at: they may be the next request's.</summary>
internal sealed class CountingPipeReader(PipeReader inner) : PipeReader
{
    private ReadOnlySequence<byte> _last;

    /// <summary>Bytes consumed so far.</summary>
    public long Consumed { get; private set; }

    /// <summary>True once a read has told of the stream's end, or failed.</summary>
    public bool HasEnded { get; private set; }

    /// <inheritdoc/>
    public override async ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        try
        {
            return Note(await inner.ReadAsync(cancellationToken));
        }
        catch (IOException)
        {
            HasEnded = true;
            throw;
        }
    }

    /// <inheritdoc/>
    public override bool TryRead(out ReadResult result)
    {
        if (!inner.TryRead(out result))
            return false;
        Note(result);
        return true;
    }

    /// <inheritdoc/>
    public override void AdvanceTo(SequencePosition consumed)
    {
        Count(consumed);
        inner.AdvanceTo(consumed);
    }

    /// <inheritdoc/>
    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        Count(consumed);
        inner.AdvanceTo(consumed, examined);
    }

    /// <inheritdoc/>
    public override void CancelPendingRead() => inner.CancelPendingRead();

    /// <inheritdoc/>
    public override void Complete(Exception? exception = null) => inner.Complete(exception);

    /// <inheritdoc/>
    public override ValueTask CompleteAsync(Exception? exception = null) => inner.CompleteAsync(exception);

    private ReadResult Note(ReadResult result)
    {
        _last = result.Buffer;
        HasEnded |= result.IsCompleted;
        return result;
    }

    private void Count(SequencePosition consumed)
    {
        Consumed += _last.Slice(0, consumed).Length;
        _last = default;
    }
}
