using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace CrossLayer.Host.Ingest.AccessLogs;

/// <summary>A log's positions over restarts, as far as they can be kept: what goes wrong is told, and the log is followed all the same.</summary>
/// <param name="log">The log's path.</param>
/// <param name="folder">Where positions are kept; null: nowhere.</param>
/// <param name="logger">Is told what goes wrong.</param>
internal sealed class KeptPositions(string log, string? folder, ILogger logger)
{
    private readonly PositionStore? _store = folder is null ? null : new PositionStore(folder, log);
    private bool _saidUnsaved;

    /// <summary>The positions that were saved, oldest file first; empty where there are none that can be read.</summary>
    public IReadOnlyList<LogPosition> Load()
    {
        try
        {
            return _store?.Load() ?? [];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or JsonException)
        {
            logger.LogNoPositions(log, _store!.Path, exception.Message);
            return [];
        }
    }

    /// <summary>Saves positions in the place of those before.</summary>
    public void Save(IReadOnlyList<LogPosition> files)
    {
        try
        {
            _store?.Save(files);
            _saidUnsaved = false;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            if (!_saidUnsaved)
                logger.LogUnsaved(log, _store!.Path, exception.Message);
            _saidUnsaved = true;
        }
    }
}
