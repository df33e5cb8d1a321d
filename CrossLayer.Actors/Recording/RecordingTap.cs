using Akka.Actor;
using CrossLayer.Actors.Graph;
using CrossLayer.Probe;
using CrossLayer.Probe.Clock;

namespace CrossLayer.Actors.Recording;

/// <summary>
/// Stands before the graph, copies what passes and hands it to the recording's actor. It waits for the disk a little; then
/// input goes by unrecorded, is counted, and leaves a gap in the recording. One input at a time.
/// </summary>
/// <param name="actor">Writes the rows.</param>
/// <param name="room">Rows that may still wait for the disk; the actor gives room back.</param>
/// <param name="settings">When a row is full, and how long to wait.</param>
/// <param name="counters">What is counted.</param>
internal sealed class RecordingTap(IActorRef actor, SemaphoreSlim room, RecordingSettings settings, RecordingCounters counters)
{
    private static readonly TimeSpan LastRowTimeout = TimeSpan.FromSeconds(10);

    private readonly List<RecordingGap> _gaps = [];
    private InputChunk _chunk = new(0, null);
    private long _sentAtMs = Environment.TickCount64;
    private bool _isBehind;
    private volatile ReasonNames? _reasons;

    /// <summary>The clock of the pipeline, once it is known.</summary>
    public Task<ClockHistory>? Clock { get; set; }

    /// <summary>A probe has come up.</summary>
    public void Tell(ReasonNames reasons) => _reasons = reasons;

    /// <summary>Takes a copy; the input is the answer.</summary>
    public Task<PipelineInput> RecordAsync(PipelineInput input)
    {
        switch (input)
        {
            case KernelInput { Batch: var batch }:
                _chunk.Add(batch);
                break;
            case RecordInput records:
                _chunk.Add(records);
                break;
            case EndOfInput:
                return EndAsync(input);
        }

        return _chunk.IsFull || Environment.TickCount64 - _sentAtMs >= settings.FlushAfter.TotalMilliseconds
            ? SendAsync(input)
            : Task.FromResult(input);
    }

    private async Task<PipelineInput> SendAsync(PipelineInput input)
    {
        if (await HasRoomAsync())
            actor.Tell(Take());
        else
            Lose();
        return input;
    }

    /// <summary>The graph's end waits until the recording's end is on the disk, or is not to be had.</summary>
    private async Task<PipelineInput> EndAsync(PipelineInput input)
    {
        await room.WaitAsync(settings.WaitAtMost);
        var last = Take();
        last.IsLast = true;
        try
        {
            await actor.Ask<RecordingActor.Ended>(last, LastRowTimeout);
        }
        catch (AskTimeoutException)
        {
            counters.Lose(last.AsGap($"the journal did not take the end of the recording within {LastRowTimeout.TotalSeconds:0} s"));
        }

        return input;
    }

    private async ValueTask<bool> HasRoomAsync()
    {
        // The pipeline waits once; until the disk has caught up it does not wait again.
        var hasRoom = room.Wait(0) || (!_isBehind && await room.WaitAsync(settings.WaitAtMost));
        _isBehind = !hasRoom;
        return hasRoom;
    }

    private InputChunk Take()
    {
        var taken = _chunk;
        taken.Gaps.AddRange(_gaps);
        _gaps.Clear();
        taken.Clock = Clock is { IsCompletedSuccessfully: true, Result: var clock } ? clock : null;
        taken.Reasons = _reasons;
        Begin(taken);
        return taken;
    }

    private void Lose()
    {
        var gap = _chunk.AsGap($"{settings.MaxPendingBatches} rows waited for the disk, and for {settings.WaitAtMost.TotalMilliseconds:0} ms none was taken");
        counters.Lose(gap);
        RecordingGap.Add(_gaps, gap);
        _chunk.Release();
        Begin(_chunk);
    }

    private void Begin(InputChunk before)
    {
        _chunk = new InputChunk(before.EndOrdinal, before.WatermarkNs);
        _sentAtMs = Environment.TickCount64;
    }
}
