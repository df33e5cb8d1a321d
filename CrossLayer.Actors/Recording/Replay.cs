using System.Runtime.CompilerServices;
using Akka.Streams;
using Akka.Streams.Dsl;
using CrossLayer.Actors.Correlations;
using CrossLayer.Actors.Graph;
using CrossLayer.Probe.Clock;

namespace CrossLayer.Actors.Recording;

/// <summary>The replay driver: recorded input through the graph again, on its own time.</summary>
public static class Replay
{
    /// <summary>Replays a session to its end.</summary>
    /// <param name="query">Reads it.</param>
    /// <param name="materializer">Of the system that the query reads in.</param>
    /// <param name="correlator">Runs the graph.</param>
    /// <param name="session">What to replay.</param>
    /// <param name="settings">How to correlate: <see cref="RecordedSession.SettingsWith"/>.</param>
    /// <param name="span">Which of its requests to give.</param>
    /// <param name="onCorrelations">Sees the correlations, in order of the time at which their windows closed.</param>
    /// <param name="onProgress">Sees the rows read so far, as they are read.</param>
    /// <param name="cancellation">Ends the input early: what is there by then is correlated.</param>
    public static async Task<ReplaySummary> RunAsync(RecordingQuery query, IMaterializer materializer, OfflineCorrelator correlator, RecordedSession session,
        CorrelationSettings settings, ReplaySpan span, Action<IReadOnlyList<Correlation>> onCorrelations, Action<long>? onProgress = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        ArgumentNullException.ThrowIfNull(correlator);
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentNullException.ThrowIfNull(span);
        ArgumentNullException.ThrowIfNull(onCorrelations);
        var input = new ReplayInput(span.InputFrom(settings), span.InputUntil(settings));
        var counters = await correlator.RunAsync(Source.From(() => Inputs()), settings, batch =>
        {
            if (span.Of(batch.Correlations, input.Clock) is { Count: > 0 } chosen)
                onCorrelations(chosen);
        });
        return new ReplaySummary(session, input.Events, input.Records, input.Rows, input.Gaps, input.UnreadableRows, input.Reasons, input.IsEnded,
            cancellation.IsCancellationRequested, counters, input.Clock, input.LastNs);

        async IAsyncEnumerable<PipelineInput> Inputs([EnumeratorCancellation] CancellationToken _ = default)
        {
            await foreach (var (sequenceNr, row) in query.Rows(session).RunAsAsyncEnumerable(materializer))
            {
                if (cancellation.IsCancellationRequested || input.IsPast)
                    break;
                foreach (var one in input.Apply(sequenceNr, row))
                    yield return one;
                onProgress?.Invoke(input.Rows);
            }

            foreach (var one in input.End())
                yield return one;
        }
    }
}

/// <summary>What a replay read.</summary>
/// <param name="Session">Of which session.</param>
/// <param name="Events">Kernel events.</param>
/// <param name="Records">Request records.</param>
/// <param name="Rows">Rows.</param>
/// <param name="Gaps">Stretches of input that are missing.</param>
/// <param name="UnreadableRows">Rows that could not be read.</param>
/// <param name="Reasons">Why input is missing; the first few.</param>
/// <param name="IsEnded">The session's end was read: it ended in order.</param>
/// <param name="IsStoppedEarly">The replay was interrupted.</param>
/// <param name="Counters">What the pipeline counted.</param>
/// <param name="Clock">How wall time stood to the kernel's; null where the recording does not tell.</param>
/// <param name="LastNs">The last watermark, CLOCK_MONOTONIC nanoseconds: what came later is not recorded. Null if there was none.</param>
public sealed record ReplaySummary(
    RecordedSession Session, long Events, long Records, long Rows, long Gaps, long UnreadableRows, IReadOnlyList<string> Reasons, bool IsEnded,
    bool IsStoppedEarly, PipelineCounters Counters, ClockHistory? Clock, long? LastNs);
