using CrossLayer.Actors.Requests;

namespace CrossLayer.Host.Ingest;

/// <summary>What was found in a text of request records.</summary>
/// <param name="Records">Those that can be used, in the text's order.</param>
/// <param name="Rejected">Pieces that cannot.</param>
/// <param name="FirstError">Where the first of these is, and what is wrong with it; null without any.</param>
internal sealed record ParsedRecords(IReadOnlyList<RequestRecord> Records, int Rejected, string? FirstError);
