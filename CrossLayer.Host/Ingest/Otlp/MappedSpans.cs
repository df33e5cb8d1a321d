using CrossLayer.Actors.Requests;

namespace CrossLayer.Host.Ingest.Otlp;

/// <summary>What became of spans.</summary>
/// <param name="Records">Those that tell of a request over a connection.</param>
/// <param name="NoRequest">How many tell of something else.</param>
/// <param name="Malformed">How many cannot be used.</param>
/// <param name="FirstError">What is wrong with the first of these; null without any.</param>
internal sealed record MappedSpans(IReadOnlyList<RequestRecord> Records, int NoRequest, int Malformed, string? FirstError);
