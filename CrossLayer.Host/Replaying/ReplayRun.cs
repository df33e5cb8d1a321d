using Akka.Actor;
using Akka.Configuration;
using Akka.Streams;
using Akka.Streams.Dsl;
using CrossLayer.Actors.Configuration;
using CrossLayer.Actors.Correlations;
using CrossLayer.Actors.Graph;
using CrossLayer.Actors.Journal;
using CrossLayer.Actors.Recording;
using CrossLayer.Host.Files;

namespace CrossLayer.Host.Replaying;

/// <summary>Reads recordings of one journal, and sends them through the graph.</summary>
internal sealed class ReplayRun : IAsyncDisposable
{
    private readonly JournalSettings _journal;
    private readonly ActorSystem _system;
    private readonly ActorMaterializer _materializer;
    private readonly RecordingQuery _query;

    /// <param name="journal">The journal.</param>
    /// <exception cref="JournalUnavailableException">There is none, or it cannot be read.</exception>
    public ReplayRun(JournalSettings journal)
    {
        _journal = journal;
        _system = ActorSystem.Create("crosslayer", JournalConfiguration.ForReading(journal).WithFallback(DefaultConfiguration.Load()));
        _materializer = _system.Materializer();
        _query = new RecordingQuery(_system);
    }

    /// <summary>The sessions that the journal holds, oldest first.</summary>
    public Task<IReadOnlyList<RecordedSession>> SessionsAsync() => _query.SessionsAsync();

    /// <summary>Replays.</summary>
    /// <param name="request">What, and how.</param>
    /// <param name="path">Where the correlations go.</param>
    /// <param name="onProgress">Sees the rows read so far.</param>
    /// <param name="cancellation">Ends it early.</param>
    /// <exception cref="InputException">There is nothing of that kind to replay.</exception>
    /// <exception cref="ConfigurationException">A changed setting is out of its range.</exception>
    public async Task<ReplayResult> RunAsync(ReplayRequest request, string path, Action<long> onProgress, CancellationToken cancellation)
    {
        var chosen = Choose(await _query.SessionsAsync(), request, _journal.Name);
        var settings = chosen.Select(session => session.SettingsWith(request.Changes)).ToList();
        using var correlations = CorrelationWriter.Create(path);
        var (hash, summary, comparison) = (new VerdictHash(), new CorrelationSummary(), new ReplayComparison());
        var sessions = new List<ReplaySummary>();
        await using var correlator = OfflineCorrelator.Start(DefaultConfiguration.Load());
        for (var i = 0; i < chosen.Count && !cancellation.IsCancellationRequested; i++)
        {
            await AddStoredAsync(chosen[i], comparison);
            var rows = sessions.Sum(session => session.Rows);
            var read = await Replay.RunAsync(_query, _materializer, correlator, chosen[i], settings[i], request.Span, batch =>
            {
                hash.Add(batch);
                foreach (var correlation in batch)
                {
                    summary.Add(correlation);
                    comparison.AddReplayed(correlation);
                }

                correlations.Append(batch.ToArray());
            }, read => onProgress(rows + read), cancellation);
            sessions.Add(read);
            comparison.Complete(discrepancy => !read.IsStoppedEarly && IsReplayed(discrepancy, read, request.Span));
        }

        return new ReplayResult(sessions, summary, hash.Value(), comparison);
    }

    private static List<RecordedSession> Choose(IReadOnlyList<RecordedSession> sessions, ReplayRequest request, string path)
    {
        if (sessions.Count == 0)
            throw new InputException($"{path} holds no recording; set crosslayer.recording.enabled for the run that is to be replayed");
        if (request.Session is null && request.Span != ReplaySpan.All)
        {
            var touched = sessions.Where(session => (request.Span.UntilUnixNs is not { } until || session.StartedUnixNs < until)
                && (request.Span.FromUnixNs is not { } from || session.EndedUnixNs is not { } ended || ended >= from)).ToList();
            return touched.Count > 0 ? touched : throw new InputException($"{path} holds no recording of that time; --list shows what it holds");
        }

        return [request.Session is null or ReplayRequest.Last ? sessions[^1] : sessions.LastOrDefault(session => session.Id == request.Session)
            ?? throw new InputException($"{path} holds no session '{request.Session}'; --list shows those that it holds")];
    }

    /// <summary>What the same run wrote into the journal.</summary>
    private async Task AddStoredAsync(RecordedSession session, ReplayComparison comparison)
    {
        await foreach (var stored in new DiscrepancyQuery(_journal).ReadAsync(after: session.AfterOffset))
        {
            if (stored.Offset >= session.NextOffset)
                return;
            if (session.HasWritten(stored))
                comparison.AddStored(stored.Correlation);
        }
    }

    /// <summary>A request that began after the recording's end, or outside the span, is not missing.</summary>
    private static bool IsReplayed(Correlation discrepancy, ReplaySummary read, ReplaySpan span)
    {
        var began = ReplaySpan.BeganUnixNs(discrepancy, read.Clock);
        return span.Contains(began) && (began is null || (read.LastNs is { } last && began <= read.Clock?.ToUnixNs(last)));
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _materializer.Dispose();
        await _system.Terminate();
    }
}
