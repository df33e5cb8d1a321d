namespace CrossLayer.Actors.Recording;

/// <summary>What a recording counts; safe for several threads.</summary>
internal sealed class RecordingCounters
{
    private readonly Lock _lock = new();
    private RecordingStatus _status = new("", 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, null);

    /// <summary>The counts at this moment.</summary>
    public RecordingStatus Status
    {
        get
        {
            lock (_lock)
                return _status;
        }
    }

    /// <summary>Changes the counts.</summary>
    public void Change(Func<RecordingStatus, RecordingStatus> change)
    {
        lock (_lock)
            _status = change(_status);
    }

    /// <summary>Counts what went by unrecorded.</summary>
    public void Lose(RecordingGap gap) => Change(status => status with
    {
        Gaps = status.Gaps + 1,
        LostInputs = status.LostInputs + gap.Inputs,
        LostEvents = status.LostEvents + gap.Events,
        LostRecords = status.LostRecords + gap.Records,
        LastFailure = gap.Reason,
    });
}
