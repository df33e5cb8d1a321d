namespace CrossLayer.Actors.Recording;

/// <summary>What a recording has written, and what it has not.</summary>
/// <param name="Session">The session's name.</param>
/// <param name="Rows">Rows on the disk.</param>
/// <param name="Bytes">Their bytes.</param>
/// <param name="Events">Kernel events in them.</param>
/// <param name="Records">Request records in them.</param>
/// <param name="Gaps">Times at which input went by unrecorded.</param>
/// <param name="LostInputs">Inputs (batches) that went by.</param>
/// <param name="LostEvents">Kernel events in those.</param>
/// <param name="LostRecords">Request records in those.</param>
/// <param name="Pending">Rows that wait for the disk now.</param>
/// <param name="DeletedParts">Parts that were deleted, to keep to the bounds.</param>
/// <param name="LastFailure">Why input went by last; null if none has.</param>
public sealed record RecordingStatus(
    string Session, long Rows, long Bytes, long Events, long Records, long Gaps, long LostInputs, long LostEvents, long LostRecords, int Pending,
    long DeletedParts, string? LastFailure);
