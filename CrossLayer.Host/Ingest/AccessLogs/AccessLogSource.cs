using CrossLayer.Host.Commands;

namespace CrossLayer.Host.Ingest.AccessLogs;

/// <summary>A log that is followed; an entry of <c>crosslayer.ingest.access-logs</c>.</summary>
/// <param name="Path">The file's absolute path. It need not exist yet.</param>
/// <param name="Format">The program whose log it is.</param>
/// <param name="FromStart">True to read what stands in it when it is first seen; false to begin with the next line.</param>
internal sealed record AccessLogSource(string Path, RecordFormat Format, bool FromStart = false);
