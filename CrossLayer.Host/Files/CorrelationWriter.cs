using System.Text;
using CrossLayer.Actors.Correlations;

namespace CrossLayer.Host.Files;

/// <summary>
/// Writes correlations with their summary, <c>{"correlations": […], "summary": {…}}</c>: valid JSON, and a summary of just
/// what stands in the file, after every append. The JSON lines hold the correlations alone. May be used from several threads
/// at once.
/// </summary>
internal sealed class CorrelationWriter : IDisposable
{
    private const int MostPendingBytes = 1 << 20;

    private static readonly byte[] Head = Encoding.UTF8.GetBytes($"{{\"{CorrelationJson.Container}\":[");
    private static readonly byte[] TailStart = Encoding.UTF8.GetBytes($"\n],\n\"{CorrelationSummary.Name}\":");

    private readonly Lock _lock = new();
    private readonly CorrelationSummary _summary = new();
    private readonly JsonBytes _json = new();
    private readonly JsonBytes _tail = new();
    private readonly RecordFile _file;

    private CorrelationWriter(string path) => _file = RecordFile.Create(path, Head, Tail());

    /// <summary>The path as it was given.</summary>
    public string Path => _file.Path;

    /// <summary>Makes the file, replacing an old one, and the folders above it.</summary>
    /// <exception cref="InputException">The path cannot be written.</exception>
    public static CorrelationWriter Create(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return new CorrelationWriter(path);
    }

    /// <summary>Appends a correlation.</summary>
    /// <exception cref="IOException">The write failed.</exception>
    public void Append(Correlation correlation) => Append(new ReadOnlySpan<Correlation>(in correlation));

    /// <summary>Appends correlations, in one write or, where they are very many, in several.</summary>
    /// <exception cref="IOException">The write failed.</exception>
    public void Append(ReadOnlySpan<Correlation> correlations)
    {
        lock (_lock)
        {
            foreach (ref readonly var correlation in correlations)
            {
                _json.Clear();
                CorrelationJson.Kind.Write(_json.Writer, in correlation);
                _file.Add(_json.Written);
                _summary.Add(correlation);
                if (_file.PendingBytes >= MostPendingBytes)
                    _file.Flush(Tail());
            }

            _file.Flush(Tail());
        }
    }

    /// <summary>Sets how many kernel events were lost, in the summary.</summary>
    /// <exception cref="IOException">The write failed.</exception>
    public void SetLostEvents(long count)
    {
        lock (_lock)
        {
            _summary.LostEvents = count;
            _file.Flush(Tail());
        }
    }

    /// <summary>Sets whether there is kernel evidence, in the summary.</summary>
    /// <param name="unavailable">Why there is none; null if there is.</param>
    /// <exception cref="IOException">The write failed.</exception>
    public void SetKernelEvidence(string? unavailable)
    {
        lock (_lock)
        {
            _summary.KernelEvidenceUnavailable = unavailable;
            _file.Flush(Tail());
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_lock)
        {
            _file.Dispose();
            _json.Dispose();
            _tail.Dispose();
        }
    }

    // What stands behind the correlations: the array's end and the summary.
    private ReadOnlySpan<byte> Tail()
    {
        _tail.Clear();
        _summary.Write(_tail.Writer);
        return (byte[])[.. TailStart, .. _tail.Written, .. "}\n"u8];
    }
}
